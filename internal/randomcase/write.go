package randomcase

import "strings"

// write writes a document in one of the spellings that give the same fields:
// dotted, nested, both mixed; arrays of objects; other white space; keys that
// come twice.
func (a *author) write(list []member) []byte {
	a.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	w := writer{author: a, dotted: pick(a, 0, 0, 0.3, 1, 1), odd: a.chance(0.15)}
	if w.odd && a.chance(0.3) {
		w.space = pick(a, " ", "\n", "\t ", "\r\n")
	}
	root := &branch{}
	for _, m := range list {
		w.insert(root, m)
	}
	w.object(root)
	return []byte(w.String())
}

// writer writes one document.
type writer struct {
	strings.Builder
	*author
	dotted float64 // how often a dot stays within a key
	odd    bool    // spellings that are seldom seen
	space  string
}

// branch is an object, or a member of one that has a value.
type branch struct {
	key  string
	kids []*branch
	leaf *member // nil of an object
}

// insert puts a field where its path leads.
func (w *writer) insert(at *branch, m member) {
	parts := strings.Split(m.path, ".")
	key := parts[0]
	for _, part := range parts[1:] {
		if w.chance(w.dotted) {
			key += "." + part
			continue
		}
		at = w.child(at, key)
		key = part
	}
	if w.odd && m.path != w.timestamp && w.chance(0.05) {
		at.kids = append(at.kids, &branch{key: key, leaf: &member{value: pick(w.author, "1", `"A"`, "null", `{"z":1}`, "[]")}}) // the last one wins
	}
	at.kids = append(at.kids, &branch{key: key, leaf: &m})
}

// child returns the object of that key within another.
func (w *writer) child(at *branch, key string) *branch {
	for _, kid := range at.kids {
		if kid.key == key && kid.leaf == nil && !(w.odd && w.chance(0.02)) {
			return kid
		}
	}
	kid := &branch{key: key}
	at.kids = append(at.kids, kid)
	return kid
}

func (w *writer) object(b *branch) {
	w.WriteString("{" + w.space)
	for i, kid := range b.kids {
		if i > 0 {
			w.WriteString("," + w.space)
		}
		w.member(kid)
	}
	w.WriteString(w.space + "}")
}

// member writes a key and its value. An object may stand in an array, and its
// members in objects of their own there: the fields are the same.
func (w *writer) member(b *branch) {
	w.key(b.key)
	w.WriteString(":" + w.space)
	switch {
	case b.leaf != nil:
		w.WriteString(b.leaf.value)
	case w.odd && w.chance(0.2):
		w.apart(b.kids)
	case w.odd && w.chance(0.1):
		w.WriteByte('[')
		w.object(b)
		w.WriteString(",null]")
	default:
		w.object(b)
	}
}

// apart writes each member, and each element of an array, as an object of its own.
func (w *writer) apart(kids []*branch) {
	w.WriteByte('[')
	for i, kid := range kids {
		if i > 0 {
			w.WriteByte(',')
		}
		if kid.leaf == nil || len(kid.leaf.each) == 0 {
			w.object(&branch{kids: []*branch{kid}})
			continue
		}
		for j, one := range kid.leaf.each {
			if j > 0 {
				w.WriteByte(',')
			}
			w.object(&branch{kids: []*branch{{key: kid.key, leaf: &member{value: one}}}})
		}
	}
	w.WriteByte(']')
}

func (w *writer) key(s string) {
	if w.odd && w.chance(0.05) {
		w.WriteString(`"\u00` + hex(s[0]) + s[1:] + `"`)
		return
	}
	w.WriteString(`"` + s + `"`)
}

func hex(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}
