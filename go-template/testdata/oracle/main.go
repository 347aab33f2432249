// The oracle executes templates with Go's own text/template.
//
// It reads questions from standard input, one JSON object per line, and answers each with
// one line: the output in hexadecimal, or the phase and the line of the error.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"log"
	"os"
	"strconv"
	"strings"
	"text/template"

	"gotemplate/oracle/shop"
)

type question struct {
	Template string `json:"template"`
	Data     string `json:"data"`
}

type answer struct {
	Output string `json:"output"`
	Phase  string `json:"phase"`
	Line   int    `json:"line"`
	Error  string `json:"error"`
}

func ask(source string, order shop.Order) answer {
	parsed, err := template.New("template").Parse(source)
	if err != nil {
		return failure("parse", err)
	}
	var output bytes.Buffer
	if err := parsed.Execute(&output, order); err != nil {
		return failure("execute", err)
	}
	return answer{Output: hex.EncodeToString(output.Bytes())}
}

// failure reads the line from the message, which starts with `template: name:line:`.
func failure(phase string, err error) answer {
	answer := answer{Phase: phase, Error: err.Error()}
	if parts := strings.SplitN(answer.Error, ":", 4); len(parts) == 4 {
		answer.Line, _ = strconv.Atoi(parts[2])
	}
	return answer
}

func main() {
	known := data()
	in := json.NewDecoder(bufio.NewReader(os.Stdin))
	writer := bufio.NewWriter(os.Stdout)
	out := json.NewEncoder(writer)
	for in.More() {
		var asked question
		if err := in.Decode(&asked); err != nil {
			log.Fatal(err)
		}
		order, ok := known[asked.Data]
		if !ok {
			log.Fatalf("there is no data %q", asked.Data)
		}
		if err := out.Encode(ask(asked.Template, order)); err != nil {
			log.Fatal(err)
		}
	}
	if err := writer.Flush(); err != nil {
		log.Fatal(err)
	}
}
