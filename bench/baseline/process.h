/* SPDX-License-Identifier: Apache-2.0 */
/* Two pinned processes that cannot outlive each other, nor the time the run was given. */
#ifndef BUSBAR_BASELINE_PROCESS_H
#define BUSBAR_BASELINE_PROCESS_H

#include "common.h"

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_SLACK 4.0 /* seconds beyond the requested time: warm-up, checks, a busy machine */

static volatile pid_t child_pid;

static void complain(const char *text)
{
    /* From signal handlers, so no stdio; there is nothing to do if it fails. */
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return;
}

static void on_alarm(int sig)
{
    (void)sig;
    complain("ipc: the run exceeded its time bound\n");
    if (child_pid > 0)
        kill(child_pid, SIGKILL);
    _exit(EXIT_RUNTIME);
}

/* A may be spinning on memory that B will never write again, so a failure of B must end A from here. */
static void on_child(int sig)
{
    (void)sig;
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)child_pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
        return;
    if (info.si_code == CLD_EXITED && info.si_status == 0)
        return;
    if (info.si_code != CLD_EXITED)
        complain("ipc: the second process was killed\n");
    _exit(info.si_code == CLD_EXITED ? info.si_status : EXIT_RUNTIME);
}

static void handle(int sig, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(sig, &action, NULL);
}

static void bound_run(double seconds)
{
    double total = seconds + RUN_SLACK;
    struct itimerval timer = {.it_value = {.tv_sec = (time_t)total}};
    timer.it_value.tv_usec = (suseconds_t)((total - (double)timer.it_value.tv_sec) * 1e6);
    handle(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        die(EXIT_MISSING, "ipc: cannot run on processor %d: %s", cpu, strerror(errno));
}

/* Fills in what the command line left open (-1) from the processors this process may use. */
static void choose_processors(int *a, int *b, bool need_two)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        die(EXIT_MISSING, "ipc: cannot read the processor affinity: %s", strerror(errno));
    if (need_two && CPU_COUNT(&set) < 2)
        die(EXIT_MISSING, "ipc: this test needs two processors, only one is available");
    for (int cpu = 0; cpu < CPU_SETSIZE && *a < 0; cpu++)
        if (CPU_ISSET((size_t)cpu, &set) && cpu != *b)
            *a = cpu;
    for (int cpu = 0; cpu < CPU_SETSIZE && *b < 0; cpu++)
        if (CPU_ISSET((size_t)cpu, &set) && cpu != *a)
            *b = cpu;
    if (need_two && *a == *b)
        die(EXIT_USAGE, "ipc: --cpu-a and --cpu-b must differ");
}

/* Returns true in the child, which is pinned and ends with its parent. */
static bool start_child(int cpu, double seconds)
{
    sigset_t blocked, old;
    pid_t parent = getpid();
    /* The handler needs child_pid, so it must not run before that is known. */
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &old);
    handle(SIGCHLD, on_child);
    pid_t pid = fork();
    if (pid < 0)
        die(EXIT_RUNTIME, "ipc: fork: %s", strerror(errno));
    child_pid = pid;
    sigprocmask(SIG_SETMASK, &old, NULL);
    bound_run(seconds);
    if (pid > 0)
        return false;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(EXIT_RUNTIME); /* the parent may have died before the request took effect */
    pin(cpu);
    return true;
}

static void wait_child(void)
{
    int status = 0;
    pid_t pid;
    while ((pid = waitpid(child_pid, &status, 0)) < 0 && errno == EINTR)
        ;
    child_pid = 0;
    if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        die(EXIT_RUNTIME, "ipc: the second process failed");
}

#endif
