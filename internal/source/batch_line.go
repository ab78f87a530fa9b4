package source

import "bytes"

// candidate reports whether a line, with its newline taken off, is a document as
// far as its ends tell: an object, not longer than limit, that is no answer and
// no bulk action. What is none is read with care.
func candidate(line []byte, limit int) bool {
	line = trimRight(line)
	if len(line) < 2 || line[0] != '{' || line[len(line)-1] != '}' || len(line) > limit {
		return false
	}
	i := 1
	for isBlank(line[i]) {
		i++
	}
	if line[i] != '"' {
		return true
	}
	n := bytes.IndexByte(line[i+1:], '"')
	return n >= 0 && !special(line[i+1:i+1+n])
}

// special reports whether a first key may be that of an answer (besideHits, hits)
// or of a bulk action. It is asked of every line, and a switch is the quickest.
func special(key []byte) bool {
	if len(key) < 2 || len(key) > 28 {
		return false
	}
	switch string(key) {
	case "index", "create", "update", "delete", "hits":
		return true
	case "took", "timed_out", "is_partial", "is_running", "id", "_shards", "_clusters", "_scroll_id", "pit_id",
		"num_reduce_phases", "terminated_early", "start_time_in_millis", "expiration_time_in_millis",
		"completion_time_in_millis", "shard_failures":
		return true
	}
	return false
}

// trimRight takes white space off the end of a line.
func trimRight(line []byte) []byte {
	n := len(line)
	for n > 0 && isBlank(line[n-1]) {
		n--
	}
	return line[:n]
}

// joined reports whether some line may go on behind the end of an object with
// another object or an array. It may say so of brackets within strings.
func joined(text []byte) bool {
	return follows(text, '{') || follows(text, '[')
}

func follows(text []byte, open byte) bool {
	for i := 0; ; i++ {
		n := bytes.IndexByte(text[i:], open)
		if n < 0 {
			return false
		}
		i += n
		j := i - 1
		for j >= 0 && (text[j] == ' ' || text[j] == '\t' || text[j] == '\r') {
			j--
		}
		if j >= 0 && text[j] == '}' {
			return true
		}
	}
}

// holdsSource reports whether "_source" stands in the text, in its quotes. The
// underscore is rarer than the quote, which makes this quicker than
// bytes.Contains.
func holdsSource(text []byte) bool {
	const name = `"_source"`
	for i := 1; i < len(text); i++ {
		n := bytes.IndexByte(text[i:], '_')
		if n < 0 {
			return false
		}
		i += n
		if text[i-1] == '"' && i-1+len(name) <= len(text) && string(text[i-1:i-1+len(name)]) == name {
			return true
		}
	}
	return false
}

// mayWrap reports whether an object may be a hit with its document in _source, as
// far as the first letter of its first key tells: that key is one that a hit has,
// see besideSource, or it is written with an escape.
func mayWrap(raw []byte) bool {
	i := skipBlanks(raw, 1)
	if i+1 >= len(raw) || raw[i] != '"' {
		return false
	}
	switch raw[i+1] {
	case '_', 'f', 'h', 'i', 'm', 's', '\\':
		return true
	}
	return false
}
