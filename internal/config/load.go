package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// Source is what Load reads.
type Source struct {
	// File is named by a flag; "" = by TRIPLINE_CONFIG, else the first of the usual
	// places that has one, else none.
	File   string
	Getenv func(string) string
	Flags  *Flags // nil: none
}

// Loaded is a configuration and where its values come from.
type Loaded struct {
	Config
	File     string // that was read; "": none
	Text     []byte // of it
	Warnings []*Problem
	origins  map[string]Origin
}

// Load reads the settings. The error is Problems, unless a file can not be read.
func Load(s Source) (*Loaded, error) {
	l := &Loaded{origins: map[string]Origin{}}
	setDefaults(reflect.ValueOf(&l.Config).Elem())
	if err := l.readFile(s); err != nil {
		return l, err
	}
	here, err := os.Getwd()
	if err != nil {
		return l, fmt.Errorf("find the working folder: %w", err)
	}
	var problems Problems
	if l.File != "" {
		r := &file{name: l.File, folder: folderOf(l.File), origins: l.origins}
		r.read(l.Text, reflect.ValueOf(&l.Config).Elem())
		problems = r.problems
	}
	problems = append(problems, l.readEnv(s.Getenv, here)...)
	if s.Flags != nil {
		problems = append(problems, s.Flags.apply(l, here)...)
	}
	if len(problems) == 0 {
		problems = l.settle(s.Getenv)
	}
	if len(problems) > 0 {
		return l, problems
	}
	return l, nil
}

// readFile reads the file that is named, or found.
func (l *Loaded) readFile(s Source) error {
	names, named := usualFiles(s.Getenv), false
	if env := s.Getenv("TRIPLINE_CONFIG"); env != "" {
		names, named = []string{env}, true
	}
	if s.File != "" {
		names, named = []string{s.File}, true
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) && !named {
			continue
		}
		if err != nil {
			var path *fs.PathError
			if errors.As(err, &path) {
				err = path.Err
			}
			return fmt.Errorf("read configuration %s: %w", name, err)
		}
		l.File, l.Text = name, text
		return nil
	}
	return nil
}

// readEnv reads the environment. Lists have commas between their values.
func (l *Loaded) readEnv(getenv func(string) string, here string) Problems {
	var problems Problems
	for _, f := range fields(reflect.ValueOf(&l.Config).Elem(), "", "") {
		name := f.env()
		if name == "" {
			continue
		}
		text := getenv(name)
		if text == "" {
			continue
		}
		values := []string{text}
		if f.list() || f.entries() {
			values = strings.Split(text, ",")
		}
		at := Origin{Kind: Environment, Name: name}
		if err := f.set(values, here); err != nil {
			problems = append(problems, problemOf(at, f.path, err))
			continue
		}
		l.take(f.path, at)
	}
	return problems
}

// take notes that a setting comes from somewhere else now.
func (l *Loaded) take(path string, at Origin) {
	for inner := range l.origins {
		if strings.HasPrefix(inner, path+".") {
			delete(l.origins, inner)
		}
	}
	l.origins[path] = at
}

func problemOf(at Origin, path string, err error) *Problem {
	p := &Problem{Origin: at, Reason: path + " " + err.Error()}
	var bad *badValue
	if errors.As(err, &bad) {
		p.Hint = didYouMean(bad.word, bad.known)
	}
	return p
}

// settle fills in what hangs on other settings, and checks the whole.
func (l *Loaded) settle(getenv func(string) string) Problems {
	if l.Data == "" {
		if l.Data = DataDir(getenv); l.Data == "" {
			return Problems{{Reason: "there is no home folder to keep the data in", Hint: "name a folder with --data"}}
		}
	}
	if l.Listen.Socket == "" {
		l.Listen.Socket = filepath.Join(l.Data, "tripline.sock")
	}
	if l.Host == "" {
		if name, err := os.Hostname(); err == nil {
			l.Host = name
		}
	}
	if _, told := l.origins["sinks"]; !told {
		l.Sinks = defaultSinks()
		for i := range l.Sinks {
			v := reflect.ValueOf(&l.Sinks[i]).Elem()
			name, kind := l.Sinks[i].Name, l.Sinks[i].Kind
			setDefaults(v)
			l.Sinks[i].Name, l.Sinks[i].Kind = name, kind
		}
	}
	return l.check()
}

// at is the origin of a setting, or of what it stands in.
func (l *Loaded) at(path string) Origin {
	for {
		if o, ok := l.origins[path]; ok {
			return o
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			return Origin{}
		}
		path = path[:i]
	}
}
