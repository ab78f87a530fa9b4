package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// alertFile is the file of -o, with alerts or whatever a command writes. It is
// written beside its place and put there when it is whole, so that nobody reads half
// of it and a run that fails leaves the one before.
type alertFile struct {
	*bufio.Writer
	what string // is in it
	name string // as the user gave it
	path string // where it goes
	file *os.File
	kept bool
	into bool // written in place: a device or a pipe
}

// createAlertFile opens a file for alerts.
func createAlertFile(name string) (*alertFile, error) { return createOutput(name, "alerts") }

// createOutput opens a file for what is named.
func createOutput(name, what string) (*alertFile, error) {
	f := &alertFile{what: what, name: name, path: name}
	fail := func(err error) (*alertFile, error) {
		var pathError *fs.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err
		}
		return nil, usage("name a file in a folder that you may write to", "write %s: %s: %v", what, name, err)
	}
	mode := fs.FileMode(0o666) // less what the user's mask takes away
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return nil, usage("name a file in it", "write %s: %s is a folder", what, name)
	case err == nil && !info.Mode().IsRegular():
		if f.file, err = os.OpenFile(name, os.O_WRONLY, 0); err != nil {
			return fail(err)
		}
		f.into = true
		f.Writer = bufio.NewWriter(f.file)
		return f, nil
	case err == nil:
		mode = info.Mode().Perm()
		if f.path, err = filepath.EvalSymlinks(name); err != nil { // the link stays
			return fail(err)
		}
	}
	beside := filepath.Join(filepath.Dir(f.path), fmt.Sprintf(".%s.%d.tmp", filepath.Base(f.path), os.Getpid()))
	if f.file, err = os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode); err != nil {
		return fail(err)
	}
	f.Writer = bufio.NewWriterSize(f.file, 64<<10)
	return f, nil
}

// keep puts the file in its place.
func (f *alertFile) keep() error {
	err := f.Flush()
	if closeErr := f.file.Close(); err == nil {
		err = closeErr
	}
	if err == nil && !f.into {
		err = os.Rename(f.file.Name(), f.path)
	}
	if err != nil {
		fault := failure("write %s to %s: %v", f.what, f.name, err)
		fault.code = exitIncomplete
		return fault
	}
	f.kept = true
	return nil
}

// discard removes what was written, unless it is kept.
func (f *alertFile) discard() {
	if !f.kept {
		_ = f.file.Close() // it goes
		if !f.into {
			_ = os.Remove(f.file.Name())
		}
	}
}

// checkOutput refuses a file of alerts that is, or would become, an input.
func checkOutput(output string, events, rules []string) error {
	if output == "" || output == "-" {
		return nil
	}
	out, outErr := os.Stat(output)
	where, err := filepath.Abs(output)
	if err != nil {
		return usage("", "-o %s: %v", output, err)
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(where)); err == nil {
		where = filepath.Join(folder, filepath.Base(where))
	}
	for _, inputs := range []struct {
		paths []string
		what  string
	}{{events, "events"}, {rules, "rules"}} {
		for _, path := range inputs.paths {
			in, err := os.Stat(path)
			if err != nil {
				continue // "-", or one that is not there: told elsewhere
			}
			if outErr == nil && out.Mode().IsRegular() && os.SameFile(in, out) {
				return usage("name another file", "-o %s is one of the %s to read", output, inputs.what)
			}
			root, err := filepath.Abs(path)
			if err == nil {
				root, err = filepath.EvalSymlinks(root)
			}
			if err != nil || !in.IsDir() {
				continue
			}
			below, err := filepath.Rel(root, where)
			if err == nil && below != ".." && !strings.HasPrefix(below, ".."+string(filepath.Separator)) {
				return usage("name a file elsewhere", "-o %s lies in %s, of which all %s are read", output, path, inputs.what)
			}
		}
	}
	return nil
}
