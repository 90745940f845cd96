// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text.Json;
using Busbar.TestKit;

namespace Busbar.BlackBox;

/// <summary>A D-Bus of a test's own whose signals are watched, with busctl as the client; gone when disposed.</summary>
internal sealed class WatchedBus : IDisposable
{
    private readonly PrivateBus _bus = PrivateBus.Start();
    private readonly Process _monitor;
    private readonly List<BusSignal> _signals = [];
    private readonly AutoResetEvent _news = new(initialState: false);

    public WatchedBus()
    {
        _monitor = Start(DbusTool.Busctl, "--address=" + Address, "monitor", "--json=short");
        _monitor.OutputDataReceived += (_, line) => Hear(line.Data);

        // It says so when it listens; without that the first signals would be missed.
        var listens = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _monitor.ErrorDataReceived += (_, line) => listens.TrySetResult(line.Data);
        _monitor.BeginOutputReadLine();
        _monitor.BeginErrorReadLine();
        if (!listens.Task.Wait(TestProgram.Limit) || listens.Task.Result?.StartsWith("Monitoring", StringComparison.Ordinal) != true)
            throw new InvalidOperationException("busctl cannot watch the bus: " + listens.Task.Result);
    }

    public string Address => _bus.Address;

    /// <summary>Calls a method.</summary>
    /// <returns>The results, in order.</returns>
    /// <exception cref="BusException">The answer is an error; the message is its text.</exception>
    public JsonElement[] Call(string service, string path, string contract, string member, string signature = "", params object[] arguments)
    {
        string[] words = [service, path, contract, member, .. signature.Length == 0 ? (string[])[] : [signature], .. arguments.SelectMany(Words)];
        string text = Run(["call", .. words]);
        return text.Length == 0 ? [] : [.. JsonDocument.Parse(text).RootElement.GetProperty("data").EnumerateArray()];
    }

    public JsonElement Property(string service, string path, string contract, string name) =>
        JsonDocument.Parse(Run(["get-property", service, path, contract, name])).RootElement.GetProperty("data");

    public void SetProperty(string service, string path, string contract, string name, string signature, string value) =>
        Run(["set-property", service, path, contract, name, signature, value]);

    /// <summary>Signals seen so far.</summary>
    public BusSignal[] Signals()
    {
        lock (_signals) return [.. _signals];
    }

    /// <summary>Waits for a signal, or for one that came already.</summary>
    public BusSignal WaitFor(Func<BusSignal, bool> wanted, string what, Func<string>? more = null)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            BusSignal? found = Array.Find(Signals(), signal => wanted(signal));
            if (found is not null) return found;
            if (Stopwatch.GetElapsedTime(start) > TestProgram.Limit) throw new TimeoutException($"no signal: {what}; {more?.Invoke()}");
            _news.WaitOne(100);
            if (more is not null && more() is { Length: > 0 } reason && reason.StartsWith("ended", StringComparison.Ordinal)) throw new InvalidOperationException(reason);
        }
    }

    public void Dispose()
    {
        if (!_monitor.HasExited) _monitor.Kill();
        _monitor.WaitForExit();
        _monitor.Dispose();
        _news.Dispose();
        _bus.Dispose();
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        return Process.Start(start)!;
    }

    private static IEnumerable<string> Words(object argument) => argument switch
    {
        byte[] bytes => [Text(bytes.Length), .. bytes.Select(value => Text(value))],
        uint[] numbers => [Text(numbers.Length), .. numbers.Select(value => Text(value))],
        IFormattable number => [number.ToString(format: null, System.Globalization.CultureInfo.InvariantCulture)],
        _ => [argument.ToString()!],
    };

    private static string Text(IFormattable number) => number.ToString(format: null, System.Globalization.CultureInfo.InvariantCulture);

    private string Run(string[] words)
    {
        using Process client = Start(DbusTool.Busctl, ["--address=" + Address, "--json=short", "--timeout=30", .. words]);
        Task<string> errors = client.StandardError.ReadToEndAsync();
        string output = client.StandardOutput.ReadToEnd();
        client.WaitForExit();
        if (client.ExitCode == 0) return output.Trim();
        string text = errors.Result.Trim();
        foreach (string prefix in (string[])["Call failed: ", "Failed to get property ", "Failed to set property "])
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal)) text = text[prefix.Length..];
        }

        throw new BusException(text);
    }

    private void Hear(string? line)
    {
        if (line is null || !line.StartsWith('{')) return;
        JsonElement message = JsonDocument.Parse(line).RootElement;
        if (message.GetProperty("type").GetString() != "signal") return;
        var signal = new BusSignal(
            message.GetProperty("path").GetString()!,
            message.GetProperty("interface").GetString()!,
            message.GetProperty("member").GetString()!,
            message.GetProperty("payload").GetProperty("data"));
        lock (_signals) _signals.Add(signal);
        _news.Set();
    }
}
