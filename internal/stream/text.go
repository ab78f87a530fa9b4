package stream

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
)

// text is a text with gaps that are filled anew each time.
type text []piece

// piece is a literal, or a gap: a word of a list, or something of a kind.
type piece struct {
	literal string
	list    []string
	kind    kind
}

type kind uint8

const (
	kindLiteral kind = iota
	kindList
	kindDigit
	kindTwoDigits
	kindNumber
	kindHex
	kindUUID
	kindAddress
	kindHost
	kindUser
	kindDate
	kindTime
	kindPort
)

var kinds = map[string]kind{
	"d": kindDigit, "nn": kindTwoDigits, "n": kindNumber, "hex": kindHex, "uuid": kindUUID, "ip": kindAddress, "host": kindHost,
	"user": kindUser, "date": kindDate, "time": kindTime, "port": kindPort,
}

// text parses a text. Braces that name neither a list nor a kind are literal.
func (c *catalog) text(p *program, s string) text {
	var t text
	add := func(literal string) {
		if literal != "" {
			t = append(t, piece{literal: literal})
		}
	}
	for {
		before, after, ok := strings.Cut(s, "{")
		name, rest, closed := strings.Cut(after, "}")
		if !ok || !closed {
			add(s)
			return t
		}
		add(before)
		list, isList := c.lists[name]
		what, isKind := kinds[name]
		switch {
		case p != nil && name == p.list && p.list != "":
			add(p.word)
		case isList:
			t = append(t, piece{kind: kindList, list: list})
		case isKind:
			t = append(t, piece{kind: what})
		default:
			add("{")
			rest = after
		}
		s = rest
	}
}

// scene is the state of the hosts, and what the gaps of a text are filled from.
type scene struct {
	*dice
	hosts  []*host
	now    int64  // nanoseconds since 1970
	lastID []byte // event.id of the last document
	path   []byte

	catalog *catalog
	daemons []*process // those of which there was an event
	born    int        // processes of which there was an event
	frozen  bool       // no process shall be born
}

// note counts a process at its first event.
func (s *scene) note(p *process) {
	if p.seen {
		return
	}
	p.seen = true
	s.born++
	if len(p.host.daemons) > 0 && p.host.byPath[p.program.path] == p {
		s.daemons = append(s.daemons, p)
	}
}

// append writes a text with its gaps filled.
func (s *scene) append(dst []byte, t text, user *account) []byte {
	for i := range t {
		p := &t[i]
		switch p.kind {
		case kindLiteral:
			dst = append(dst, p.literal...)
		case kindList:
			dst = append(dst, p.list[s.skewed(len(p.list))]...)
		case kindDigit:
			dst = append(dst, byte('1'+s.below(9)))
		case kindTwoDigits:
			dst = strconv.AppendInt(dst, int64(10+s.below(90)), 10)
		case kindNumber:
			dst = strconv.AppendInt(dst, int64(s.below(10_000)), 10)
		case kindHex:
			dst = s.appendHex(dst, 6)
		case kindUUID:
			dst = s.appendUUID(dst)
		case kindAddress:
			dst = append(dst, s.hosts[s.below(len(s.hosts))].address...)
		case kindHost:
			dst = append(dst, s.hosts[s.below(len(s.hosts))].name...)
		case kindUser:
			dst = append(dst, user.name...)
		case kindDate:
			dst = appendDate(dst, s.now, s.skewed(400))
		case kindTime:
			dst = appendTime(dst, s.now-int64(s.below(86_400))*second)
		case kindPort:
			dst = strconv.AppendInt(dst, int64(8000+s.skewed(900)), 10)
		}
	}
	return dst
}

// escaped is a text as it stands within quotes in JSON.
func escaped(s string) string {
	quoted := marshal(s)
	return string(quoted[1 : len(quoted)-1])
}

// hashes are the made-up digests of an executable: the same for each path.
func hashes(path string) [2]string {
	sha256 := `"sha256":"` + digest(path, 32) + `"}`
	return [2]string{`"hash":{"md5":"` + digest(path, 16) + `","sha1":"` + digest(path, 20) + `",` + sha256, `"hash":{` + sha256}
}

// digest is n bytes in hexadecimal that depend on a text.
func digest(s string, n int) string {
	d := newDice(uint64(n), s)
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(d.below(256))
	}
	return hex.EncodeToString(out)
}

// marshal writes JSON, `<` and `&` as they are.
func marshal(v any) []byte {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("stream: write what was made of JSON: " + err.Error()) // strings, numbers, maps and lists only
	}
	return []byte(strings.TrimSpace(out.String()))
}
