// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text;
using Busbar.Linux;

namespace Busbar.BlackBox;

/// <summary>The busbar program under another name, started with the harness's descriptor; killed when disposed.</summary>
internal sealed class TestProgram : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // Between making the inheritable descriptor and closing it, no other program may be started, or it would inherit it, too.
    private static readonly Lock s_starting = new();

    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private TestProgram(Process process, DirectoryInfo folder)
    {
        _process = process;
        _folder = folder;
    }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public string Output => Read(_output);

    public string Errors => Read(_errors);

    /// <summary>Starts the program.</summary>
    /// <param name="name">The name that it is invoked under.</param>
    /// <param name="harness">Plays its kernel.</param>
    /// <param name="arguments">Its arguments; <c>{folder}</c> is the folder that holds the files.</param>
    /// <param name="environment">More environment.</param>
    /// <param name="files">Files for it, by name.</param>
    public static TestProgram Start(
        string name, MockHarness harness, string[] arguments, Dictionary<string, string>? environment = null, Dictionary<string, string>? files = null)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("busbar-blackbox-");
        string program = Path.Combine(folder.FullName, name);
        File.CreateSymbolicLink(program, Environment.GetEnvironmentVariable("BUSBAR_BLACKBOX_PROGRAM") ?? Path.Combine(AppContext.BaseDirectory, "busbar"));
        foreach ((string file, string text) in files ?? []) File.WriteAllText(Path.Combine(folder.FullName, file), text);
        var start = new ProcessStartInfo(program, arguments.Select(argument => argument.Replace("{folder}", folder.FullName, StringComparison.Ordinal)))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = folder.FullName,
        };
        foreach ((string key, string value) in environment ?? []) start.Environment[key] = value;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        lock (s_starting)
        {
            using FileDescriptor inherited = harness.Remote.Inheritable();
            start.Environment[HarnessConnection.Variable] = inherited.Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var made = new TestProgram(Process.Start(start)!, folder);
            made.Listen();
            return made;
        }
    }

    public void Terminate() => Signals.Kill(_process.Id, Signal.Terminate);

    public void WaitForExit()
    {
        if (!_process.WaitForExit(Limit)) throw new TimeoutException($"the program does not end; it said: {Output}{Errors}");
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string Read(StringBuilder text)
    {
        lock (text) return text.ToString();
    }

    private void Listen()
    {
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.Append(line).Append('\n');
    }
}
