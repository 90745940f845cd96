// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Busbar.Bench;

/// <summary>
/// The C programs of <c>bench/baseline</c>: finds them, has them compiled, runs them, reads their JSON. A machine without a C compiler
/// or a copy of the program without its source tree gets a reason instead.
/// </summary>
public sealed class Baselines
{
    private const int TimeLimitMs = 60_000;

    private readonly string? _folder;

    private Baselines(string? folder, string? reason)
    {
        _folder = folder;
        Missing = reason;
    }

    /// <summary>Why there are no baselines, in one line; null when there are.</summary>
    public string? Missing { get; }

    /// <summary>Finds the sources above the running program and compiles what is stale.</summary>
    public static Baselines Prepare()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string script = Path.Combine(folder.FullName, "bench", "baseline", "build");
            if (!File.Exists(script)) continue;
            string output = Path.Combine(folder.FullName, "artifacts", "baseline");
            return TryRun(script, [output], out _, out string error) ? new Baselines(output, null) : new Baselines(null, error);
        }

        return new Baselines(null, "no baselines: bench/baseline is not above the program; run it from a source tree");
    }

    /// <summary>Runs <c>stack_baseline</c>.</summary>
    /// <param name="seconds">Time per case.</param>
    /// <returns>Nanoseconds per message by (MTU, message); empty when missing.</returns>
    public IReadOnlyDictionary<(int Mtu, int Message), double> RunStack(double seconds)
    {
        var cases = new Dictionary<(int, int), double>();
        if (_folder is null) return cases;
        using JsonDocument answer = Run("stack_baseline", ["--seconds", Format(seconds)]);
        foreach (JsonElement item in answer.RootElement.GetProperty("cases").EnumerateArray())
            cases[(item.GetProperty("mtu").GetInt32(), item.GetProperty("message").GetInt32())] = item.GetProperty("median_ns_per_message").GetDouble();
        return cases;
    }

    /// <summary>Runs one test of <c>ipc_baseline</c>.</summary>
    /// <param name="test">Name of the test.</param>
    /// <param name="figure">Path of the figure, members joined by dots, for instance <c>rtt_ns.p50</c>.</param>
    /// <param name="cpus">Processors of the two processes.</param>
    /// <param name="seconds">Time.</param>
    /// <param name="size">Buffer bytes of a message, if the test has them.</param>
    /// <param name="ring">Ring bytes, if the test has a ring.</param>
    /// <returns>The figure, or null when missing.</returns>
    public double? RunIpc(string test, string figure, (int A, int B) cpus, double seconds, int? size = null, int? ring = null)
    {
        if (_folder is null) return null;
        List<string> arguments = ["--test", test, "--cpu-a", $"{cpus.A}", "--cpu-b", $"{cpus.B}", "--seconds", Format(seconds)];
        if (size is not null) arguments.AddRange(["--size", $"{size}"]);
        if (ring is not null) arguments.AddRange(["--ring", $"{ring}"]);
        using JsonDocument answer = Run("ipc_baseline", arguments);
        JsonElement element = answer.RootElement;
        foreach (string member in figure.Split('.')) element = element.GetProperty(member);
        return element.GetDouble();
    }

    private static string Format(double seconds) => seconds.ToString(CultureInfo.InvariantCulture);

    private JsonDocument Run(string program, IReadOnlyList<string> arguments)
    {
        if (!TryRun(Path.Combine(_folder!, program), arguments, out string? output, out string error))
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}");
        return JsonDocument.Parse(output);
    }

    private static bool TryRun(string program, IReadOnlyList<string> arguments, [NotNullWhen(true)] out string? output, out string error)
    {
        output = null;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> text = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeLimitMs))
        {
            process.Kill();
            error = $"did not end within {TimeLimitMs / 1000} s";
            return false;
        }

        output = text.GetAwaiter().GetResult();
        error = errors.GetAwaiter().GetResult().Trim();
        if (process.ExitCode == 0) return true;
        if (error.Length == 0) error = $"exit status {process.ExitCode}";
        return false;
    }
}
