package stream

import (
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// catalogText says what runs on the hosts; its head says how it is written.
//
//go:embed catalog.txt
var catalogText string

// catalog is what runs on the hosts.
type catalog struct {
	lists  map[string][]string
	groups map[string]group // programs by base name, path, and the groups they are in
	roles  []*role          // the first is of every host
}

// group is programs of which any will do, the first soonest; none stands for a
// child that stays what its parent is.
type group []*program

// program is an executable and what it does.
type program struct {
	path, name string    // name: the last part of the path
	exe        string    // `"executable":"PATH"`
	hash       [2]string // `"hash":{..}`: all three, sha256 alone

	argvs    []argv
	cwd      text
	kids     amount
	children []string // groups
	kin      []group  // the same, looked up
	files    amount
	deeds    []deed
	conns    amount
	ports    []int
	becomes  []string
	turns    int // percent
	turn     []group

	list, word string // what {list} is in its path
}

// amount is how many of something there are.
type amount struct{ low, high int }

// argv is a command line, with the text of its parts escaped for JSON.
type argv []text

// deed is what is done to a file.
type deed struct {
	action   action
	from, to text // from: of a rename
}

// role is a kind of host.
type role struct {
	share   int // percent
	daemons []daemon
	jobs    []jobKind
}

type daemon struct{ program, user string }

// jobKind is something that a host does again and again.
type jobKind struct {
	verb      string // run a program, serve a connection, act by itself
	group     string // run: of the program
	daemon    string // its parent, or who does it
	port      int    // serve
	weight    int
	user      string
	terminal  bool
	container bool
}

// readCatalog parses catalogText.
func readCatalog() (*catalog, error) {
	c := &catalog{lists: map[string][]string{}, groups: map[string]group{"-": nil}}
	var open []*program // those that the lines are of
	for i, line := range strings.Split(catalogText, "\n") {
		words := quoted(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		var err error
		switch key, args := words[0], words[1:]; key {
		case "%":
			c.lists[args[0]] = args[1:]
		case "=":
			open, err = c.program(args)
		case "@", "~", "!":
			err = c.role(key, args)
		default:
			for _, p := range open {
				err = errors.Join(err, c.detail(p, key, args))
			}
		}
		if err != nil {
			return nil, fmt.Errorf("read catalog: line %d: %w", i+1, err)
		}
	}
	return c, c.link()
}

// quoted splits a line at blanks; between single quotes they are kept.
func quoted(line string) []string {
	var words []string
	var word strings.Builder
	within, some := false, false
	for _, r := range line + " " {
		switch {
		case r == '\'':
			within, some = !within, true
		case r != ' ' || within:
			word.WriteRune(r)
			some = true
		case some:
			words = append(words, word.String())
			word.Reset()
			some = false
		}
	}
	return words
}

// mostOfList is how many programs a path becomes that has a list in it.
const mostOfList = 40

// program adds a program, or one for each word of a list that its path names.
func (c *catalog) program(args []string) ([]*program, error) {
	var groups []string
	if len(args) > 1 {
		groups = strings.Split(strings.TrimPrefix(args[1], "as="), ",")
	}
	words, list := []string{""}, ""
	if _, after, ok := strings.Cut(args[0], "{"); ok {
		list, _, _ = strings.Cut(after, "}")
		words = c.lists[list]
		words = words[:min(len(words), mostOfList)]
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("no list %s", list)
	}
	var all []*program
	for _, word := range words {
		p := &program{path: strings.ReplaceAll(args[0], "{"+list+"}", word), list: list, word: word}
		p.name = p.path[strings.LastIndexByte(p.path, '/')+1:]
		p.exe, p.hash = `"executable":"`+p.path+`"`, hashes(p.path)
		all = append(all, p)
		if groups == nil {
			groups = []string{p.name}
		}
		c.groups[p.path] = append(c.groups[p.path], p)
		for _, g := range groups {
			c.groups[g] = append(c.groups[g], p)
		}
	}
	return all, nil
}

// detail adds a line that is of a program.
func (c *catalog) detail(p *program, key string, args []string) (err error) {
	switch key {
	case "$":
		var line argv
		for _, a := range args {
			line = append(line, c.text(p, escaped(a)))
		}
		p.argvs = append(p.argvs, line)
	case "in":
		p.cwd = c.text(p, args[0])
	case "becomes":
		p.turns, err = strconv.Atoi(args[0])
		p.becomes = args[1:]
	case "kids":
		p.kids, err = readAmount(args[0])
		p.children = args[1:]
	case "files":
		p.files, err = readAmount(args[0])
		for _, a := range args[1:] {
			p.deeds = append(p.deeds, c.deed(p, a))
		}
	case "conns":
		p.conns, err = readAmount(args[0])
		for _, a := range args[1:] {
			number, e := strconv.Atoi(a)
			err = errors.Join(err, e)
			p.ports = append(p.ports, number)
		}
	default:
		err = fmt.Errorf("unknown word %s", key)
	}
	return err
}

func readAmount(s string) (amount, error) {
	low, high, _ := strings.Cut(s, "-")
	l, err := strconv.Atoi(low)
	h, err2 := strconv.Atoi(high)
	return amount{l, h}, errors.Join(err, err2)
}

func (c *catalog) deed(p *program, s string) deed {
	if from, to, ok := strings.Cut(s, ">"); ok {
		return deed{actRename, c.text(p, from), c.text(p, to)}
	}
	act := map[byte]action{'+': actCreation, '-': actDeletion, '~': actModification}[s[0]]
	return deed{action: act, to: c.text(p, s[1:])}
}

// role begins a role, or adds a daemon or a job to the last.
func (c *catalog) role(key string, args []string) (err error) {
	if key == "@" {
		share, err := strconv.Atoi(args[1])
		c.roles = append(c.roles, &role{share: share})
		return err
	}
	r := c.roles[len(c.roles)-1]
	if key == "~" {
		r.daemons = append(r.daemons, daemon{args[0], args[1]})
		return nil
	}
	j := jobKind{verb: args[0]}
	switch args[0] {
	case "run":
		j.group, j.daemon, j.user = args[1], args[2], args[4]
		j.weight, err = strconv.Atoi(args[3])
		if len(args) > 5 {
			j.terminal, j.container = args[5] == "tty", args[5] == "container"
		}
	case "serve":
		j.daemon = args[1]
		if j.port, err = strconv.Atoi(args[2]); err == nil {
			j.weight, err = strconv.Atoi(args[3])
		}
	default:
		j.daemon = args[1]
		j.weight, err = strconv.Atoi(args[2])
	}
	r.jobs = append(r.jobs, j)
	return err
}

// link looks up the groups that are named.
func (c *catalog) link() (err error) {
	find := func(names []string) (out []group) {
		for _, name := range names {
			g, ok := c.groups[name]
			if !ok {
				err = errors.Join(err, fmt.Errorf("read catalog: no program %s", name))
			}
			out = append(out, g)
		}
		return out
	}
	for _, g := range c.groups {
		for _, p := range g {
			p.kin, p.turn = find(p.children), find(p.becomes)
		}
	}
	for _, r := range c.roles {
		for _, j := range r.jobs {
			if j.verb == "run" {
				find([]string{j.group})
			}
			find([]string{j.daemon})
		}
		for _, d := range r.daemons {
			find([]string{d.program})
		}
	}
	return err
}
