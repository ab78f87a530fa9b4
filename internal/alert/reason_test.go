package alert

import "testing"

func TestReason(t *testing.T) {
	for _, c := range []struct{ name, doc, want string }{
		{"nothing known", `{}`, "event created high alert My rule."},
		{"category", `{"event":{"category":"process"}}`, "process event created high alert My rule."},
		{"categories", `{"event":{"category":["process","network"]}}`, "process, network event created high alert My rule."},
		{"process", `{"process":{"name":"bash"}}`, "event with process bash, created high alert My rule."},
		{"parent alone", `{"process":{"parent":{"name":"sshd"}}}`, "event with parent process sshd, created high alert My rule."},
		{"file", `{"file.name":"passwd"}`, "event with file passwd, created high alert My rule."},
		{"user and host need no with", `{"user":{"name":"root"},"host":{"name":"h"}}`, "event by root on h created high alert My rule."},
		{"ip without port", `{"source":{"ip":"10.0.0.1"}}`, "event with source 10.0.0.1, created high alert My rule."},
		{"port without ip", `{"source":{"port":80}}`, "event created high alert My rule."},
		{"dash and empty are unknown", `{"user":{"name":"-"},"host":{"name":""},"process":{"name":["","-"]}}`, "event created high alert My rule."},
		{"a list with nothing in it", `{"user":{"name":[]},"host":{"name":[null]}}`, "event created high alert My rule."},
		{"an object is no name", `{"user":{"name":{"x":1}}}`, "event created high alert My rule."},
		{"numbers and booleans", `{"user":{"name":1000},"host":{"name":[true,false]}}`, "event by 1000 on true, false created high alert My rule."},
		{
			"everything",
			`{"event":{"category":"network"},"process":{"name":"nc","parent.name":"sh"},"file":{"name":"f"},
			  "source":{"ip":"fd66::2","port":55034},"destination":{"ip":"10.66.0.1","port":4444},"user":{"name":"root"},"host.name":"web-1"}`,
			"network event with process nc, parent process sh, file f, source fd66::2:55034, destination 10.66.0.1:4444, by root on web-1 created high alert My rule.",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := New(testRule(), single(docs(t, c.doc)[0]), now).Reason; got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
