package stream

import (
	"path"
	"strings"
)

// derivation makes some fields of a document agree with those that a rule asks for.
// What is solved stays as it is.
type derivation struct {
	name string
	does func(t tree, fixed map[string]bool)
}

// derivations, in the order in which they are done.
var derivations = []derivation{
	{"process image", func(t tree, fixed map[string]bool) { agreeImage(t, fixed, "process") }},
	{"process line", func(t tree, fixed map[string]bool) { agreeLine(t, fixed, "process") }},
	{"process argument", func(t tree, fixed map[string]bool) { addFirstArgument(t, fixed, "process") }},
	{"parent image", func(t tree, fixed map[string]bool) { agreeImage(t, fixed, "process.parent") }},
	{"parent line", func(t tree, fixed map[string]bool) { agreeLine(t, fixed, "process.parent") }},
	{"file", agreeFile},
	{"addresses", agreeAddresses},
	{"user", agreeUser},
}

// put sets a field unless it is fixed.
func put(t tree, fixed map[string]bool, field string, v any) {
	if !fixed[field] {
		t.set(field, v)
	}
}

// agreeImage makes name, executable and hash of a process those of one file.
func agreeImage(t tree, fixed map[string]bool, at string) {
	name, executable := at+".name", at+".executable"
	switch {
	case fixed[executable] && !fixed[name]:
		t.set(name, path.Base(t.text(executable)))
	case fixed[name] && !fixed[executable]:
		folder := "/usr/bin/"
		if strings.Contains(t.text(name), "/") {
			folder = ""
		}
		t.set(executable, folder+t.text(name))
	case !fixed[name]:
		return
	}
	if at == "process" && !fixed["process.hash.sha256"] {
		t.set("process.hash.sha256", digest(t.text(executable), 32))
		if t.get("process.hash.md5") != nil {
			t.set("process.hash.md5", digest(t.text(executable), 16))
			t.set("process.hash.sha1", digest(t.text(executable), 20))
		}
	}
}

// agreeLine makes args, args_count and command_line of a process say the same.
func agreeLine(t tree, fixed map[string]bool, at string) {
	args, count, line := at+".args", at+".args_count", at+".command_line"
	var list []string
	switch {
	case fixed[args]:
		list = t.texts(args)
	case fixed[line]:
		list = strings.Fields(t.text(line))
	case fixed[at+".name"] || fixed[at+".executable"] || fixed[count]:
		list = []string{t.text(at + ".name")}
		if n, ok := t.number(count); ok && fixed[count] {
			for int64(len(list)) < n && n < 100 {
				list = append(list, "-v")
			}
		}
	default:
		return
	}
	if t.get(args) != nil { // events of files and connections have the line alone
		put(t, fixed, args, anyList(list))
		put(t, fixed, count, len(t.texts(args)))
	}
	put(t, fixed, line, strings.Join(list, " "))
}

// addFirstArgument puts the name of a process before the arguments that a rule
// asks for.
func addFirstArgument(t tree, fixed map[string]bool, at string) {
	list, name := t.texts(at+".args"), t.text(at+".name")
	if !fixed[at+".args"] || fixed[at+".args_count"] || name == "" || len(list) > 0 && list[0] == name {
		return
	}
	list = append([]string{name}, list...)
	t.set(at+".args", anyList(list))
	t.set(at+".args_count", len(list))
	put(t, fixed, at+".command_line", strings.Join(list, " "))
}

func anyList(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// agreeFile makes path, name and extension of a file agree.
func agreeFile(t tree, fixed map[string]bool) {
	const whole, name, extension = "file.path", "file.name", "file.extension"
	switch {
	case fixed[whole]:
		put(t, fixed, name, path.Base(t.text(whole)))
	case fixed[name]:
		t.set(whole, path.Join(path.Dir(t.text(whole)), t.text(name)))
	case fixed[extension]:
		t.set(whole, t.text(whole)+"."+t.text(extension))
		t.set(name, path.Base(t.text(whole)))
	default:
		return
	}
	if fixed[extension] {
		return
	}
	base := t.text(name)
	if dot := strings.LastIndexByte(base, '.'); dot >= 0 && dot < len(base)-1 {
		t.set(extension, base[dot+1:])
	} else {
		t.drop(extension)
	}
}

// agreeAddresses makes address what ip is.
func agreeAddresses(t tree, fixed map[string]bool) {
	for _, side := range []string{"source", "destination"} {
		if ip := t.text(side + ".ip"); fixed[side+".ip"] && ip != "" {
			put(t, fixed, side+".address", ip)
		}
	}
}

// agreeUser makes name and id of the user agree.
func agreeUser(t tree, fixed map[string]bool) {
	id, name := t.text("user.id"), t.text("user.name")
	switch {
	case fixed["user.id"] && !fixed["user.name"] && id == "0", fixed["user.name"] && !fixed["user.id"] && name == "root":
		name, id = "root", "0"
	case fixed["user.id"] && !fixed["user.name"]:
		name = "user" + id
	case fixed["user.name"] && !fixed["user.id"]:
		number, known := services[name]
		if !known {
			return
		}
		id = newAccount(name, number).id
	default:
		return
	}
	put(t, fixed, "user.id", id)
	put(t, fixed, "user.name", name)
}
