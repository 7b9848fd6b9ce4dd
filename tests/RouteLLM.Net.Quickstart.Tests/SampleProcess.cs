using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace RouteLLM.Quickstart.Tests;

/// <summary>Runs the sample as a user does: as a process of its own, its output in a pipe.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    // Only a hang ends here.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(2);

    private static readonly string s_program = typeof(SampleProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "QuickstartProgram").Value!;

    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly StringBuilder _output = new();

    private SampleProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Runs the sample to its end.</summary>
    public static async Task<SampleResult> RunAsync(string[] args, string? input = null, params (string Name, string Value)[] environment)
    {
        await using SampleProcess process = await StartAsync(args, input, environment);
        return await process.WaitAsync();
    }

    /// <summary>Starts the sample; its standard input is <paramref name="input"/>, by default empty.</summary>
    public static async Task<SampleProcess> StartAsync(string[] args, string? input = null, params (string Name, string Value)[] environment)
    {
        SampleProcess process = Start(args, environment);
        await process._process.StandardInput.WriteAsync(input);
        process._process.StandardInput.Close();
        return process;
    }

    /// <summary>Starts the sample; its standard input stays open, and nothing is written to it.</summary>
    public static SampleProcess StartWithSilentInput(params string[] args) => Start(args, []);

    /// <summary>Reads the output until it ends with <paramref name="text"/>.</summary>
    public async Task ReadOutputUntilAsync(string text)
    {
        using var timeout = new CancellationTokenSource(s_timeout);
        char[] next = new char[1];
        while (!_output.ToString().EndsWith(text, StringComparison.Ordinal))
        {
            if (await _process.StandardOutput.ReadAsync(next, timeout.Token) == 0)
            {
                Assert.Fail($"The output ended without '{text}':\n{_output}\n{await _error}");
            }

            _output.Append(next[0]);
        }
    }

    /// <summary>Sends what Ctrl-C sends.</summary>
    public async Task InterruptAsync()
    {
        using Process kill = Process.Start("kill", ["-INT", _process.Id.ToString()]);
        await kill.WaitForExitAsync();
    }

    public async Task<SampleResult> WaitAsync()
    {
        using var timeout = new CancellationTokenSource(s_timeout);
        _output.Append(await _process.StandardOutput.ReadToEndAsync(timeout.Token));
        await _process.WaitForExitAsync(timeout.Token);
        return new SampleResult(_process.ExitCode, _output.ToString(), await _error);
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

    private static SampleProcess Start(string[] args, (string Name, string Value)[] environment)
    {
        // A test run in the background may be deaf to Ctrl-C, and its children with it.
        string[] command = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet", s_program] : ["dotnet", s_program];
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };

        // What the developer's own shell says about models must not matter.
        foreach (string name in new[] { "OPENAI_API_KEY", "OPENAI_BASE_URL", "OLLAMA_HOST", "STRONG_MODEL", "WEAK_MODEL" })
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new SampleProcess(Process.Start(start)!);
    }
}
