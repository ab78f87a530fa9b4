package source

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// unpackZip reads the members of a zip archive in the order of a folder. Its
// table of contents is at the end, so what is no plain file is spooled first.
func (r *Reader) unpackZip(in input) {
	if in.at == nil {
		file, size, err := r.spool(in.r)
		if file != nil {
			defer os.Remove(file.Name())
			defer file.Close()
		}
		if err != nil {
			r.problem(Place{Name: in.name}, unpackClass(err), "unpack zip: "+unpackReason(err))
			return
		}
		in.at, in.size = file, size
	} else if r.run != nil { // many are waiting for how far it is
		in.at = &counterAt{r: in.at, n: &r.stats.Bytes}
		defer func() { r.stats.Bytes = in.base + in.size }()
	} else {
		r.stats.Bytes = in.base + in.size // read in any order, so not counted on the way
	}
	archive, err := zip.NewReader(in.at, in.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // nothing is written anywhere
		r.problem(Place{Name: in.name}, Unreadable, "unpack zip: "+strings.TrimPrefix(err.Error(), "zip: ")+
			" (cut short, or no zip archive)")
		return
	}
	members := slices.Clone(archive.File)
	slices.SortStableFunc(members, func(a, b *zip.File) int {
		return slices.Compare(strings.Split(a.Name, "/"), strings.Split(b.Name, "/"))
	})
	members = slices.DeleteFunc(members, func(m *zip.File) bool { return strings.HasSuffix(m.Name, "/") || hidden(m.Name) })
	if r.run != nil {
		defer r.run.members(len(members))()
	}
	for _, member := range members {
		if r.stopped {
			return
		}
		r.readMember(in, member)
		if r.run != nil {
			r.run.nextMember()
		}
	}
}

func (r *Reader) readMember(in input, member *zip.File) {
	name := in.name + "!" + member.Name
	const encrypted = 1
	if member.Flags&encrypted != 0 {
		r.problem(Place{Name: name}, Unreadable, "unpack zip: encrypted")
		return
	}
	content, err := member.Open()
	if err != nil {
		r.problem(Place{Name: name}, Unreadable, "unpack zip: "+strings.TrimPrefix(err.Error(), "zip: "))
		return
	}
	defer content.Close()
	inner := in.inner(&layer{r: content, form: "zip"})
	inner.name, inner.found = name, true
	r.unpack(inner)
}

// hidden reports whether a member or one of its folders is hidden, or is what
// macOS adds to archives.
func hidden(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool {
		return strings.HasPrefix(part, ".") && part != "." && part != ".." || part == "__MACOSX"
	})
}

// spool copies a stream to a temporary file, which the caller removes.
func (r *Reader) spool(from io.Reader) (*os.File, int64, error) {
	file, err := os.CreateTemp(r.opts.TempDir, "tripline-*.zip")
	if err != nil {
		return nil, 0, fmt.Errorf("create spool: %w", err)
	}
	// Where the system allows it, the name goes now: then nothing is left
	// behind even if the process is killed.
	_ = os.Remove(file.Name())
	size, err := io.Copy(file, io.LimitReader(from, r.opts.MaxSpool+1))
	if err == nil && size > r.opts.MaxSpool {
		err = fmt.Errorf("larger than %d bytes, which is what a zip archive in a stream may have: save it to a file", r.opts.MaxSpool)
	}
	return file, size, err
}
