// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Daemon;

namespace Busbar.Cli;

/// <summary>The program <c>mctpd</c>: the daemon with the kernel's MCTP below and D-Bus above, with mctpd's options and configuration file and nothing else.</summary>
internal static class MctpdProgram
{
    /// <summary>The name that it is invoked by.</summary>
    public const string Name = "mctpd";

    private const string UsualFile = "/etc/mctpd.conf";
    private const int FailureStatus = 1;

    /// <summary>Runs until SIGTERM or SIGINT.</summary>
    /// <returns>The exit status: 0 after a clean end.</returns>
    public static int Start(string name, string[] arguments)
    {
        string? file = null;
        bool verbose = false;
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            switch (argument)
            {
                case "-h" or "--help":
                    WriteUsage(name, Console.Out);
                    return ExitCode.Success;
                case "-v" or "--verbose":
                    verbose = true;
                    break;
                case "-c" or "--config" when i + 1 < arguments.Length:
                    file = arguments[++i];
                    break;
                case var joined when joined.StartsWith("--config=", StringComparison.Ordinal):
                    file = joined["--config=".Length..];
                    break;
                case var joined when joined.StartsWith("-c", StringComparison.Ordinal) && joined.Length > 2:
                    file = joined[2..];
                    break;
                default:
                    Console.Error.WriteLine($"{name}: '{argument}' is not known here, or lacks its file");
                    WriteUsage(name, Console.Error);
                    return FailureStatus;
            }
        }

        try
        {
            // Without an own file the usual one counts if it is there; one that is named must be.
            if (file is null && File.Exists(UsualFile)) file = UsualFile;
            DaemonRunner.Run(new DaemonInvocation
            {
                Program = name,
                Configuration = file is null ? new DaemonConfiguration() : ConfigurationFile.Load(file, ConfigurationDialect.Mctpd),
                Dialect = ConfigurationDialect.Mctpd,
                IsVerbose = verbose,
                IsMctpd = true,
            });
            return ExitCode.Success;
        }
        catch (Exception failure)
        {
            Console.Error.WriteLine($"{name}: {FailureReport.Explain(failure).Line}");
            return FailureStatus;
        }
    }

    private static void WriteUsage(string name, TextWriter writer)
    {
        writer.WriteLine($"Usage: {name} [-v] [-c FILE]");
        writer.WriteLine("  -v, --verbose      log every query and its answer");
        writer.WriteLine($"  -c, --config FILE  configuration; {UsualFile} if it is there");
        writer.WriteLine("  -h, --help         this text");
    }
}
