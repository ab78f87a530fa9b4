package rule

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/eql"
)

// FormatTOML returns a rule file with its query laid out by eql.Format and every
// other byte as it was. The query's string stays of the kind it is, with three
// quotes where it has more than one line. There is no result, and no problem, if
// the file holds no rule of type eql.
func FormatTOML(path string, data []byte) ([]byte, *Problem) {
	body := bytes.TrimPrefix(data, byteOrderMark)
	if len(body) > maxTOML {
		return nil, &Problem{Path: path, Reason: fmt.Sprintf("the file has %d bytes; at most %d are read", len(body), maxTOML)}
	}
	l := newLines(body)
	t, problem := parseTOML(bytes.Clone(body), l)
	if problem != nil {
		problem.Path = path
		return nil, problem
	}
	query, ok := eqlQuery(t)
	if !ok {
		return nil, nil
	}
	p := t.places.at["rule.query"]
	if p.raw == "" {
		return nil, &Problem{Path: path, Field: "query", Reason: "the place of the query is not known"}
	}
	was := literal{raw: p.raw}
	was.line, was.col = l.at(p.value)
	text, err := eql.Format(query)
	if err != nil {
		return nil, formatProblem(path, was, err)
	}
	start := len(data) - len(body) + p.value
	out := bytes.Clone(data[:start])
	out = append(out, was.rewrite(text)...)
	out = append(out, data[start+len(p.raw):]...)
	if !holdsQuery(bytes.TrimPrefix(out, byteOrderMark), text) {
		return nil, &Problem{
			Path: path, Line: was.line, Col: was.col, Field: "query",
			Reason: "the query can not be laid out in the string it stands in", Hint: "write it between '''",
		}
	}
	return out, nil
}

// eqlQuery returns the query of a file with an eql rule.
func eqlQuery(t *tree) (string, bool) {
	root, _ := t.root.(map[string]any)
	body, _ := root["rule"].(map[string]any)
	query, ok := body["query"].(string)
	return query, ok && (body["type"] == "eql" || body["language"] == "eql")
}

func formatProblem(path string, query literal, err error) *Problem {
	p := &Problem{Path: path, Line: query.line, Col: query.col, Field: "query", Reason: err.Error()}
	var e *eql.Error
	if errors.As(err, &e) {
		p.Reason, p.Hint = e.Problems[0].Message, e.Problems[0].Hint
		p.Line, p.Col = query.locate(e.Problems[0].Pos.Line, e.Problems[0].Pos.Col)
	}
	return p
}

// holdsQuery makes sure that what was written reads as what was meant.
func holdsQuery(data []byte, text string) bool {
	t, problem := parseTOML(data, newLines(data))
	if problem != nil {
		return false
	}
	query, ok := eqlQuery(t)
	return ok && strings.Trim(strings.ReplaceAll(query, "\r\n", "\n"), "\n") == text
}

// rewrite returns another text as a string of the same kind.
func (l literal) rewrite(text string) string {
	quote := l.raw[:l.quotes()]
	multiline := len(quote) == 3 && strings.Contains(l.raw, "\n")
	if strings.Contains(text, "\n") {
		quote, multiline = strings.Repeat(l.raw[:1], 3), true
	}
	if multiline {
		text = "\n" + text + "\n"
	}
	if quote[0] == '"' {
		text = escapeTOML(text, len(quote) == 3)
	}
	if strings.Contains(l.raw, "\r\n") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return quote + text + quote
}

// escapeTOML writes text for a basic string. In one of three quotes, quotes
// stand for themselves as long as they can not be taken for the end.
func escapeTOML(text string, three bool) string {
	var b strings.Builder
	run := 0
	for i, r := range text {
		plain := r == '\n' || r == '\t' || r >= 0x20 && r != 0x7f
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '"' && (!three || run == 2 || i == len(text)-1):
			b.WriteString(`\"`)
			run = 0
			continue
		case r == '"':
			b.WriteByte('"')
			run++
			continue
		case !plain:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
		run = 0
	}
	return b.String()
}
