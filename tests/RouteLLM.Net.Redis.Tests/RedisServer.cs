using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RouteLLM.Redis.Tests;

/// <summary>A redis-server process of a test's own, on a free port and in a folder of its own, which can be killed and started again.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string _program;
    private readonly string _folder;
    private Process? _process;

    private RedisServer(string program, int port)
    {
        _program = program;
        Port = port;
        _folder = Directory.CreateTempSubdirectory("routellm-redis-").FullName;
    }

    public int Port { get; }

    public string Configuration => $"127.0.0.1:{Port},abortConnect=false,connectTimeout=5000,syncTimeout=5000,asyncTimeout=5000";

    /// <summary>Starts a server, or skips the test where none is installed.</summary>
    public static async Task<RedisServer> StartAsync()
    {
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(static folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "redis-server.exe" : "redis-server")).FirstOrDefault(File.Exists);
        if (program is null)
        {
            Assert.Skip("No redis-server is installed on this machine (apt-get install redis-server).");
        }

        var server = new RedisServer(program, FreePort());
        await server.RestartAsync();
        return server;
    }

    /// <summary>Kills the process as <c>kill -9</c> does: nothing is written any more.</summary>
    public void Kill()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _process = null;
    }

    /// <summary>Starts the process on the same port and folder: what was appended before it was killed is there again.</summary>
    public async Task RestartAsync()
    {
        _process = Process.Start(new ProcessStartInfo(_program,
            ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder, "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--loglevel", "warning"])
        {
            RedirectStandardOutput = true,
        })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        while (!await IsUpAsync())
        {
            Assert.False(_process.HasExited, $"redis-server ended with exit code {(_process.HasExited ? _process.ExitCode : 0)} when it was started.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> IsUpAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            byte[] answer = new byte[16];
            int read = await stream.ReadAsync(answer, TestContext.Current.CancellationToken);
            return answer.AsSpan(0, read).StartsWith("+PONG"u8);
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return false;
        }
    }
}
