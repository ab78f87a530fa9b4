// Command bench measures the engine and writes what it found, with the machine
// and the date, as one page of Markdown. `make bench` runs it.
//
// All that is compared is measured in one run of one process, in rounds: each
// round runs every row once, so that whatever else the machine does hits all of
// them alike. A row's figure is that of its best round; its median is shown
// beside it. What can not be measured within the process (another build, the
// whole command, its peak of memory) is run as a process of its own, in the same
// run. The yardstick is fastjson, which parses each document whole and does
// nothing else, on the same bytes.
//
// It needs the go command, a few GB of disk for the large input, and about as much
// memory as the corpus is large. All files but the page are temporary.
package main
