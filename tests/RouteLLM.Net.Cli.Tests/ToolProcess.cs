using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace RouteLLM.Cli.Tests;

/// <summary>Runs the tool as a user does: as a process of its own, between pipes.</summary>
internal sealed class ToolProcess : IAsyncDisposable
{
    // Only a hang ends here.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(2);

    private static readonly string s_program = typeof(ToolProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static metadata => metadata.Key == "Tool").Value!;

    private readonly Process _process;
    private readonly Task<string> _error;

    private ToolProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    public StreamWriter Input => _process.StandardInput;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>Runs the tool to its end.</summary>
    public static async Task<ToolResult> RunAsync(string[] args, string input = "")
    {
        await using ToolProcess process = Start(args);
        await process.Input.WriteAsync(input);
        process.Input.Close();
        return await process.WaitAsync();
    }

    /// <summary>Starts the tool; its standard input stays open.</summary>
    public static ToolProcess Start(params string[] args)
    {
        // A test run in the background may be deaf to Ctrl-C, and its children with it.
        string[] command = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet", "exec", s_program] : ["dotnet", "exec", s_program];
        var utf8 = new UTF8Encoding(false);
        return new ToolProcess(Process.Start(new ProcessStartInfo(command[0], [.. command[1..], .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
            StandardErrorEncoding = utf8,
        })!);
    }

    /// <summary>Sends what Ctrl-C sends.</summary>
    public async Task InterruptAsync()
    {
        using Process kill = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for the end; what has not been read of the output is read, unless it was closed.</summary>
    public async Task<ToolResult> WaitAsync(bool readOutput = true)
    {
        using var timeout = new CancellationTokenSource(s_timeout);
        string output = readOutput ? await Output.ReadToEndAsync(timeout.Token) : "";
        await _process.WaitForExitAsync(timeout.Token);
        return new ToolResult(_process.ExitCode, output, await _error);
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        return ValueTask.CompletedTask;
    }
}
