using System.Diagnostics;
using System.Globalization;
using RouteLLM.Redis.Worker;

namespace RouteLLM.Redis.Tests;

/// <summary>A process of callers, which says how far it is.</summary>
internal sealed class Worker : IDisposable
{
    private readonly Process _process;
    private int _ended;

    private Worker(Process process) => _process = process;

    public static Worker Start(RedisServer server, string name, int seed, int callsPerCaller, StoreFailureMode whenDown, decimal tenantLimit)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "RouteLLM.Net.Redis.Worker.dll");
        string[] arguments = [program, server.Configuration, name, Text(seed), Text(callsPerCaller), whenDown.ToString(), Text(tenantLimit)];
        return new(Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!);
    }

    /// <summary>Waits until a number of its questions have ended.</summary>
    public async Task WaitForAsync(int ended)
    {
        while (_ended < ended)
        {
            string line = await ReadLineAsync();
            if (!int.TryParse(line, CultureInfo.InvariantCulture, out int number))
            {
                Assert.Fail($"The process ended before {ended} of its questions had: {line}");
            }

            _ended = number;
        }
    }

    /// <summary>Waits until it is done, and gives what came of it.</summary>
    public async Task<WorkerResult> FinishAsync()
    {
        string line;
        do
        {
            line = await ReadLineAsync();
        }
        while (!line.StartsWith('{'));
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return WorkerResult.Parse(line);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private async Task<string> ReadLineAsync()
    {
        string? line = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        if (line is null)
        {
            Assert.Fail($"The process ended: {await _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
        }

        return line;
    }
}
