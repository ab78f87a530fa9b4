package stream

import (
	"bytes"
	"strconv"
)

// file writes an event of a file: what a process does to it.
func (s *scene) file(dst []byte, p *process, d *deed) []byte {
	c := &fileCategory
	dst = s.event(s.begin(dst, p, c), p, c, d.action)
	dst = append(dst, `"file":{`...)
	size := -1
	if s.chance(0.3) {
		size = s.skewed(3_000_000)
	}
	if d.action == actRename {
		s.path = s.append(s.path[:0], d.from, p.user)
		dst = appendPath(append(dst, `"Ext":{"original":{`...), s.path, -1)
		dst = append(dst, `}},`...)
	}
	s.path = s.append(s.path[:0], d.to, p.user)
	dst = append(appendPath(dst, s.path, size), `},`...)
	dst = s.hostAndGroup(dst, p, c)
	dst = append(s.actor(dst, p), ',')
	return append(append(dst, p.user.topUser...), '}')
}

// appendPath writes extension, name, path and, unless it is below zero, size. The
// extension is what stands behind the last dot of the name; none if nothing does.
func appendPath(dst, path []byte, size int) []byte {
	name := path[bytes.LastIndexByte(path, '/')+1:]
	if dot := bytes.LastIndexByte(name, '.'); dot >= 0 && dot < len(name)-1 {
		dst = append(append(append(dst, `"extension":"`...), name[dot+1:]...), `",`...)
	}
	dst = append(append(append(dst, `"name":"`...), name...), `","path":"`...)
	dst = append(append(dst, path...), '"')
	if size >= 0 {
		dst = strconv.AppendInt(append(dst, `,"size":`...), int64(size), 10)
	}
	return dst
}
