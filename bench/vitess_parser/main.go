// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Times Vitess's SQL parser over a file of one statement a line, for bench/sql.py:
//
//	vitess_parser FILE SECONDS
//
// prints one line of JSON: nanoseconds of CPU a statement, of Parse alone and with the normalizer behind it.
package main

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"vitess.io/vitess/go/vt/sqlparser"
)

// cpuTime is what all threads of this process have used, the garbage collector's among them.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// measure runs rounds over all statements until the time is used up, and gives nanoseconds of CPU a statement.
func measure(seconds float64, count int, round func()) float64 {
	round() // warms caches and the allocator
	start := cpuTime()
	rounds := 0
	for (cpuTime() - start).Seconds() < seconds {
		round()
		rounds++
	}
	return float64((cpuTime() - start).Nanoseconds()) / float64(rounds*count)
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	if err != nil {
		panic(err)
	}
	statements := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	parser := sqlparser.NewTestParser()
	parse := measure(seconds, len(statements), func() {
		for _, sql := range statements {
			if _, err := parser.Parse(sql); err != nil {
				panic(sql + ": " + err.Error())
			}
		}
	})
	redact := measure(seconds, len(statements), func() {
		for _, sql := range statements {
			if _, err := parser.RedactSQLQuery(sql); err != nil {
				panic(sql + ": " + err.Error())
			}
		}
	})
	json.NewEncoder(os.Stdout).Encode(map[string]float64{"parse_ns": parse, "parse_and_normalize_ns": redact})
}
