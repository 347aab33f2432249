package main

import (
	"bytes"
	"testing"
	"text/template"
	"time"

	"hookd/oracle/tasks"
	v1 "hookd/oracle/v1"
)

// The hook of hook-core/testdata/hook.tmpl, to compare the times with.
const hook = `#!/bin/bash
set -eu
{{ if .Error -}}
echo "backup of {{ .Plan.Id }} failed"
curl -fsS --retry 3 https://hc-ping.com/your-uuid/fail
{{ else -}}
echo "backup of {{ .Plan.Id }} to {{ .Repo.Id }} took {{ .Duration }}"
logger -t backup -- {{ .ShellEscape .Task }}
curl -fsS --retry 3 https://hc-ping.com/your-uuid
{{ end -}}
`

var hookVars = tasks.HookVars{
	Task:     "backup for plan \"nas-daily\"",
	Event:    6,
	Repo:     &v1.Repo{Id: "b2-main"},
	Plan:     &v1.Plan{Id: "nas-daily"},
	Duration: 42751 * time.Millisecond,
}

func parse() *template.Template {
	return template.Must(template.New("template").Parse(hook))
}

func render(b *testing.B, parsed *template.Template) {
	var output bytes.Buffer
	if err := parsed.Execute(&output, hookVars); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkRender(b *testing.B) {
	parsed := parse()
	for b.Loop() {
		render(b, parsed)
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		parse()
	}
}

func BenchmarkParseAndRender(b *testing.B) {
	for b.Loop() {
		render(b, parse())
	}
}
