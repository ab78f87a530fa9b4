package eql

import "strings"

// remark is a comment of a query.
type remark struct {
	text  string
	blank bool // an empty line stands before it
}

// inline reports whether code may follow the comment on its line.
func (r remark) inline() bool {
	return strings.HasPrefix(r.text, "/*") && !strings.Contains(r.text, "\n")
}

// layoutToken is a token with the comments around it. A comment on the line on
// which the token before it ends trails that token; any other leads the next.
type layoutToken struct {
	kind        tokenKind
	text        string // as written
	lead, trail []remark
	blank       bool // an empty line stands before it, or before its operator
}

// layoutTokens cuts a query that is known to parse.
func layoutTokens(src string) ([]layoutToken, *Error) {
	var all []layoutToken
	l, end := newLexer(src), 0
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		next := layoutToken{kind: t.kind, text: src[t.at.Offset:t.at.End]}
		var before *layoutToken
		if len(all) > 0 {
			before = &all[len(all)-1]
		}
		next.comments(before, src[end:t.at.Offset])
		all = append(all, next)
		if t.kind == tokEOF {
			return all, nil
		}
		end = t.at.End
	}
}

// comments shares out what stands between two tokens: white space and comments.
func (t *layoutToken) comments(before *layoutToken, gap string) {
	sameLine, breaks := before != nil, 0
	for len(gap) > 0 {
		size := 1
		switch gap[0] {
		case '\n':
			sameLine = false
			breaks++
		case '/':
			size = commentSize(gap)
			r := remark{text: strings.ReplaceAll(strings.TrimRight(gap[:size], " \t\r"), "\r\n", "\n"), blank: breaks > 1}
			if sameLine {
				before.trail = append(before.trail, r)
			} else {
				t.lead = append(t.lead, r)
			}
			sameLine = sameLine && !strings.Contains(r.text, "\n")
			breaks = 0
		}
		gap = gap[size:]
	}
	t.blank = breaks > 1
}

// commentSize returns the length of the comment that s begins with.
func commentSize(s string) int {
	if s[1] == '/' {
		if i := strings.IndexByte(s, '\n'); i >= 0 {
			return i
		}
		return len(s)
	}
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}
