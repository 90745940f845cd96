// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text.Json;
using Busbar.Guest;
using Busbar.Linux;

namespace Busbar.Vm;

/// <summary>An endpoint and <c>busbar attach</c> on a link of their own inside one guest; both are gone when it is disposed.</summary>
internal sealed class KernelLane : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    private readonly GuestMachine _guest;
    private readonly string _link;
    private readonly List<GuestProcess> _others = [];
    private GuestProcess? _endpoint;
    private GuestProcess? _attach;

    public KernelLane(GuestMachine guest, string name)
    {
        _guest = guest;
        Socket = $"/tmp/{name}.sock";
        _link = $"--link mmbi:ivshmem:{Socket}";
    }

    public string Socket { get; }

    public GuestResult Run(string command) => _guest.Run(command, s_limit);

    /// <summary>Serves the link by a process of its own, which outlives the endpoint.</summary>
    public void StartServer()
    {
        GuestProcess server = _guest.StartProcess($"exec busbar ivshmem-server --socket {Socket} --json");
        _others.Add(server);
        server.Expect("\"ready\"", s_limit);
    }

    public void StartEndpoint(string options = "")
    {
        _endpoint = _guest.StartProcess($"exec busbar endpoint {_link} {options} --stdin --json");
        _endpoint.Expect("\"ready\"", s_limit);
    }

    /// <summary>Has the endpoint send an echo request of its own, in packets as large as its link takes, and waits until it has given up or got its answer.</summary>
    public void Request(int eid, int size)
    {
        _endpoint!.WriteLine($"request {eid} 1 {size}", s_limit);
        _endpoint.Expect("\"event\":\"requested\"", s_limit);
    }

    public void KillEndpoint()
    {
        _endpoint!.Kill();
        _endpoint.WaitForExit(s_limit);
    }

    /// <summary>Starts attach and waits until the interface has its carrier.</summary>
    /// <returns>The event <c>ready</c>.</returns>
    public JsonElement Attach(string options)
    {
        _attach = _guest.StartProcess($"exec busbar attach {_link} {options} --timeout 30 --json");
        JsonElement ready = Expect("ready");
        Expect("link_up");
        return ready;
    }

    /// <summary>Runs an attach that is expected to fail.</summary>
    public GuestResult TryAttach(string options) => Run($"timeout 60 busbar attach {_link} {options} --json");

    /// <summary>Waits for an event of attach.</summary>
    public JsonElement Expect(string name) => JsonDocument.Parse(_attach!.Expect($"\"event\":\"{name}\"", s_limit)).RootElement;

    /// <summary>Ends attach the hard way, and waits until its interface is gone.</summary>
    public void KillAttach(string name)
    {
        _attach!.Kill();
        WaitForAttachToEnd();
        long start = Stopwatch.GetTimestamp();
        while (Run($"ls -d /sys/class/net/{name}").ExitCode == 0)
        {
            if (Stopwatch.GetElapsedTime(start) > s_limit) throw new TimeoutException($"{name} is still there");
        }
    }

    /// <summary>Starts a command that runs beside the others until it ends, or the lane does.</summary>
    public GuestProcess StartBeside(string command)
    {
        GuestProcess process = _guest.StartProcess($"exec {command}");
        _others.Add(process);
        return process;
    }

    /// <summary>Stops attach in order.</summary>
    /// <returns>The event <c>stopped</c>.</returns>
    public JsonElement Detach()
    {
        _attach!.Kill(Signal.Terminate);
        JsonElement stopped = Expect("stopped");
        WaitForAttachToEnd().Check();
        return stopped;
    }

    public GuestResult WaitForAttachToEnd()
    {
        GuestResult end = _attach!.WaitForExit(s_limit);
        _attach = null;
        return end;
    }

    /// <summary>Waits until a file of one line says something.</summary>
    public void WaitFor(string path, string text)
    {
        long start = Stopwatch.GetTimestamp();
        while (Run($"cat {path}").Output.Trim() != text)
        {
            if (Stopwatch.GetElapsedTime(start) > s_limit) throw new TimeoutException($"{path} does not say '{text}'");
        }
    }

    public void Dispose()
    {
        foreach (GuestProcess? process in (GuestProcess?[])[_attach, _endpoint, .. _others])
        {
            if (process is null || process.HasExited) continue;
            process.Kill();
            process.WaitForExit(s_limit);
        }
    }
}
