// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Busbar.Daemon;

/// <summary>Runs a daemon as the program's only work, until SIGTERM or SIGINT.</summary>
public static class DaemonRunner
{
    /// <summary>Runs; returns after a clean end.</summary>
    /// <param name="invocation">What was asked for.</param>
    /// <exception cref="Exception">It could not start, or a defect ended it; the exception says why.</exception>
    public static void Run(DaemonInvocation invocation)
    {
        ArgumentNullException.ThrowIfNull(invocation);

        // An empty builder: no configuration files of the framework's, no environment, no console lifetime; starting has to be quick.
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        LogLevel least = invocation.IsVerbose || invocation.Configuration.Daemon.IsVerbose ? LogLevel.Debug : LogLevel.Information;
        var stderr = new StderrLoggerProvider(invocation.Program, least);

        // What the file says may change while the daemon runs; so it is the provider that decides.
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        // It would log why the start failed, which is thrown as well and said by the caller.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Logging.AddProvider(stderr);
        builder.Services.AddSingleton(stderr);
        builder.Services.AddSingleton(invocation);
        builder.Services.AddSingleton<DaemonService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DaemonService>());
        builder.Services.AddSingleton<IHostLifetime, SignalLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(10));
        using IHost host = builder.Build();
        DaemonService service = host.Services.GetRequiredService<DaemonService>();
        host.Start();
        host.WaitForShutdown();
        if (service.Failure is { } failure) throw new InvalidOperationException($"the daemon ended by itself: {failure.Message}", failure);
    }
}
