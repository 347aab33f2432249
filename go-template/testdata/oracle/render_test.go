package main

import (
	"bytes"
	"testing"
	"text/template"
	"time"

	"gotemplate/oracle/shop"
	v1 "gotemplate/oracle/v1"
)

// The template of testdata/letter.tmpl.
const letter = `#!/bin/bash
set -eu
{{ if .Note -}}
echo "order of {{ .Basket.Id }} failed"
curl -fsS --retry 3 https://example.com/your-uuid/fail
{{ else -}}
echo "order of {{ .Basket.Id }} by {{ .Customer.Id }} took {{ .Wait }}"
logger -t orders -- {{ .Quote .Title }}
curl -fsS --retry 3 https://example.com/your-uuid
{{ end -}}
`

var order = shop.Order{
	Title:    "order of \"ana-daily\"",
	Status:   6,
	Customer: &v1.Customer{Id: "ana"},
	Basket:   &v1.Basket{Id: "ana-daily"},
	Wait:     42751 * time.Millisecond,
}

func parse() *template.Template {
	return template.Must(template.New("template").Parse(letter))
}

func render(b *testing.B, parsed *template.Template) {
	var output bytes.Buffer
	if err := parsed.Execute(&output, order); err != nil {
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
