package lint

//go:generate go run ./gen -to ../../docs/lint.md

import (
	"fmt"
	"strings"
)

// Markdown returns the page that describes all checks.
func Markdown() string {
	var b strings.Builder
	b.WriteString(`# What ` + "`tripline rules lint`" + ` looks for

This page is written by ` + "`go generate ./internal/lint`" + `; a test holds it to the code.

An error is a rule that does not run or can never match; only errors make the
command fail. ` + "`--code`" + ` shows some codes alone, ` + "`--disable`" + ` leaves some out.

| code | name | severity | found | why, or what to do |
| --- | --- | --- | --- | --- |
`)
	for _, c := range Checks() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", c.Code, c.Name, c.Severity, c.Summary, c.Why)
	}
	return b.String()
}
