package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// choice is a flag that takes one of a few words.
type choice struct {
	value   string
	allowed []string
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return strings.Join(c.allowed, "|") }

func (c *choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return &badValue{reason: "must be " + orList(c.allowed), hint: didYouMean(s, c.allowed)}
	}
	c.value = s
	return nil
}

// complete offers the words to the shell.
func (c *choice) complete(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return c.allowed, cobra.ShellCompDirectiveNoFileComp
}

// count is a flag that takes a whole number of at least min.
type count struct {
	value, min int
	reason     string // Elasticsearch's words for a number below min
	unset      string // what help says of the default
}

func (c *count) String() string {
	if c.unset != "" {
		return c.unset
	}
	return strconv.Itoa(c.value)
}

func (c *count) Type() string { return "N" }

func (c *count) Set(s string) error {
	n, err := strconv.Atoi(s)
	switch {
	case errors.Is(err, strconv.ErrRange) && !strings.HasPrefix(s, "-"):
		return &badValue{reason: "is too large"}
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return &badValue{reason: "must be a whole number"}
	case n < c.min:
		return &badValue{reason: c.reason}
	}
	c.value, c.unset = n, ""
	return nil
}

// fieldName is a flag that names a field.
type fieldName struct {
	value string
	empty string // Elasticsearch's words for an empty name
}

func (f *fieldName) String() string { return f.value }
func (f *fieldName) Type() string   { return "FIELD" }

func (f *fieldName) Set(s string) error {
	if strings.TrimSpace(s) == "" && f.empty != "" {
		return &badValue{reason: f.empty}
	}
	f.value = s
	return nil
}

// badValue is a value that a flag does not take.
type badValue struct{ reason, hint string }

func (b *badValue) Error() string { return b.reason }

// orList joins words as in "a, b or c".
func orList(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// mustComplete registers a flag's completion; the flag is known to exist.
func mustComplete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(fmt.Sprintf("cli: complete --%s: %v", flag, err))
	}
}
