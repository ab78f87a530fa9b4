package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"slices"
)

// names are those of sinks and sources: they are keys, and stand in metrics.
var names = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// check looks at what single values can not tell.
func (l *Loaded) check() Problems {
	var problems Problems
	wrong := func(path, hint, format string, args ...any) {
		problems = append(problems, &Problem{Origin: l.at(path), Reason: fmt.Sprintf(format, args...), Hint: hint})
	}
	if len(l.Rules) == 0 {
		wrong("rules", "name files, folders or "+Builtin, "rules is empty: there is nothing to judge by")
	}
	l.checkListen(wrong)
	seen := map[string]bool{}
	for i := range l.Sources.Follow {
		s, path := &l.Sources.Follow[i], fmt.Sprintf("sources.follow.%d", i)
		checkName(wrong, path, s.Name, seen)
		if len(s.Paths) == 0 {
			wrong(path, "name files, patterns or folders under paths", "%s follows nothing", s.Name)
		}
	}
	seen = map[string]bool{}
	for i := range l.Sinks {
		l.checkSink(i, wrong, seen)
	}
	l.checkSecrets()
	return problems
}

type wrongFunc func(path, hint, format string, args ...any)

func checkName(wrong wrongFunc, path, name string, seen map[string]bool) {
	switch {
	case name == "":
		wrong(path, "", "%s has no name", path)
	case !names.MatchString(name):
		wrong(path+".name", "small letters, digits, - and _", "%s can not be a name", name)
	case seen[name]:
		wrong(path+".name", "positions are kept by name", "two have the name %s", name)
	}
	seen[name] = true
}

func (l *Loaded) checkListen(wrong wrongFunc) {
	if (l.Listen.TLS.Cert == "") != (l.Listen.TLS.Key == "") {
		wrong("listen.tls", "", "listen.tls.cert and listen.tls.key need each other")
	}
	if p := l.Listen.Prefix; p != "" && (p[0] != '/' || p[len(p)-1] == '/') {
		wrong("listen.prefix", "", "listen.prefix must begin with / and not end in one")
	}
	if l.Listen.Address == "" {
		return
	}
	host, _, err := net.SplitHostPort(l.Listen.Address)
	if err != nil {
		wrong("listen.address", "such as 127.0.0.1:9200", "listen.address must be host:port")
		return
	}
	if ip, err := netip.ParseAddr(host); (err != nil || !ip.IsLoopback()) && host != "localhost" && l.Listen.TLS.Cert == "" {
		wrong("listen.address", "give a certificate and its key with listen.tls.cert and listen.tls.key, or listen on 127.0.0.1",
			"others could read along what is sent to %s", l.Listen.Address)
	}
}

func (l *Loaded) checkSink(i int, wrong wrongFunc, seen map[string]bool) {
	s, path := &l.Sinks[i], fmt.Sprintf("sinks.%d", i)
	if s.Kind == "" {
		wrong(path, "one of terminal, file, syslog, journald, webhook and forward", "sink %s has no kind", cmpOr(s.Name, path))
		return
	}
	if s.Name == "" {
		s.Name = s.Kind
	}
	checkName(wrong, path, s.Name, seen)
	for _, f := range fields(reflect.ValueOf(s).Elem(), "", s.Kind) {
		if f.tag.Get("need") != "" && f.value.Len() == 0 {
			wrong(path, f.tag.Get("help"), "sink %s needs %s", s.Name, f.path)
		}
	}
	switch {
	case s.Kind == "webhook" && s.Template != "" && s.TemplateFile != "":
		wrong(path+".template_file", "", "sink %s has both template and template_file", s.Name)
	case s.Kind == "forward" && s.KeyFile != "" && s.UserFile != "":
		wrong(path+".user_file", "", "sink %s has both key_file and user_file", s.Name)
	case s.Kind == "forward" && !s.Alerts && len(s.Events) == 0:
		wrong(path+".alerts", "", "sink %s sends neither alerts nor events", s.Name)
	case s.Kind == "syslog" && s.Network != "unix" && s.Address == "":
		wrong(path, "such as logs.example.org:6514", "sink %s needs address", s.Name)
	case (s.TLS.Cert == "") != (s.TLS.Key == ""):
		wrong(path+".tls", "", "sink %s: tls.cert and tls.key need each other", s.Name)
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// checkSecrets warns of secrets that others on this host can read, or that are not
// there. It is no error: containers mount secrets so.
func (l *Loaded) checkSecrets() {
	look := func(origin, file string) {
		info, err := os.Stat(file)
		p := &Problem{Origin: l.at(origin)}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			p.Reason = fmt.Sprintf("%s: %s is not there", origin, file)
		case err != nil:
			p.Reason = fmt.Sprintf("%s: %v", origin, err)
		case info.Mode().Perm()&0o007 != 0:
			p.Reason = fmt.Sprintf("%s: everybody on this host may read %s", origin, file)
			p.Hint = "chmod o= " + file
		default:
			return
		}
		l.Warnings = append(l.Warnings, p)
	}
	for _, f := range l.all() {
		if f.tag.Get("secret") == "" {
			continue
		}
		if f.value.Kind() == reflect.Map {
			for _, name := range sortedKeys(f.value.Interface().(map[string]string)) {
				look(f.path+"."+name, f.value.Interface().(map[string]string)[name])
			}
			continue
		}
		if file := f.value.String(); file != "" {
			look(f.path, file)
		}
	}
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
