package randomcase

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// String writes the case as ParseCase reads it: a line for each part, a word and
// its value, which is quoted as in Go, with back quotes where that can be.
func (c Case) String() string {
	var b strings.Builder
	line := func(word, value string) {
		if value == "" {
			return
		}
		quoted := strconv.Quote(value)
		if strconv.CanBackquote(value) {
			quoted = "`" + value + "`"
		}
		b.WriteString(word + " " + quoted + "\n")
	}
	line("query", c.Query)
	for _, q := range c.With {
		line("with", q)
	}
	for _, d := range c.Docs {
		line("doc", string(d))
	}
	if c.Lateness != 0 {
		line("lateness", c.Lateness.String())
	}
	line("timestamp", c.Timestamp)
	line("tiebreaker", c.Tiebreaker)
	line("category", c.Category)
	line("mapping", c.Mapping)
	for _, index := range c.Accept {
		line("accept", index)
	}
	if c.Tolerant {
		line("tolerant", "true")
	}
	if c.Size != -1 {
		line("size", strconv.Itoa(c.Size))
	}
	if c.Head {
		line("head", "true")
	}
	if c.PerKey != 0 {
		line("perkey", strconv.Itoa(c.PerKey))
	}
	return b.String()
}

// ParseCase reads a case that String wrote. Empty lines and those that begin with
// # say nothing.
func ParseCase(s string) (Case, error) {
	c := Case{Size: -1}
	n := 0
	for text := range strings.Lines(s) {
		n++
		text = strings.TrimRight(text, "\r\n")
		if text == "" || text[0] == '#' {
			continue
		}
		word, quoted, _ := strings.Cut(text, " ")
		value, err := strconv.Unquote(quoted)
		if err == nil {
			err = c.set(word, value)
		}
		if err != nil {
			return Case{}, fmt.Errorf("read line %d of a case: %w", n, err)
		}
	}
	return c, nil
}

func (c *Case) set(word, value string) (err error) {
	switch word {
	case "query":
		c.Query = value
	case "with":
		c.With = append(c.With, value)
	case "doc":
		c.Docs = append(c.Docs, []byte(value))
	case "lateness":
		c.Lateness, err = time.ParseDuration(value)
	case "timestamp":
		c.Timestamp = value
	case "tiebreaker":
		c.Tiebreaker = value
	case "category":
		c.Category = value
	case "mapping":
		c.Mapping = value
	case "accept":
		c.Accept = append(c.Accept, value)
	case "tolerant":
		c.Tolerant, err = strconv.ParseBool(value)
	case "size":
		c.Size, err = strconv.Atoi(value)
	case "head":
		c.Head, err = strconv.ParseBool(value)
	case "perkey":
		c.PerKey, err = strconv.Atoi(value)
	default:
		err = fmt.Errorf("unknown word %s", word)
	}
	return err
}
