package config

import (
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/internal/value"
)

// Problem is one mistake.
type Problem struct {
	Origin Origin // where it is
	Reason string
	Hint   string
}

// Error returns "place: reason".
func (p *Problem) Error() string {
	if place := p.Origin.String(); place != "" && p.Origin.Kind != Default {
		return place + ": " + p.Reason
	}
	return p.Reason
}

// Problems is all mistakes of a configuration, in the order of the file.
type Problems []*Problem

func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, one := range p {
		texts[i] = one.Error()
	}
	return strings.Join(texts, "\n")
}

// Kind is where a value comes from.
type Kind uint8

// The kinds, the later over the earlier.
const (
	Default Kind = iota
	File
	Environment
	Flag
)

// Origin is where a value comes from.
type Origin struct {
	Kind         Kind
	Name         string // of the file, the variable or the flag
	Line, Column int    // in the file
}

// String returns "default", "file:line", "$NAME" or "--name".
func (o Origin) String() string {
	switch o.Kind {
	case File:
		if o.Line == 0 {
			return o.Name
		}
		return fmt.Sprintf("%s:%d", o.Name, o.Line)
	case Environment:
		return "$" + o.Name
	case Flag:
		return "--" + o.Name
	}
	return "default"
}

// didYouMean is a hint.
func didYouMean(word string, known []string) string {
	near := value.Suggest(word, known)
	if len(near) == 0 {
		return ""
	}
	return "did you mean " + orList(near) + "?"
}
