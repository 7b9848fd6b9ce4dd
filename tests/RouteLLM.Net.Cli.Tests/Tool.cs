using System.Text;

namespace RouteLLM.Cli.Tests;

/// <summary>Runs the tool in this process, between streams in memory.</summary>
internal static class Tool
{
    public static Task<ToolResult> RunAsync(params string[] args) => RunAsync(args, "");

    /// <param name="args">The command line.</param>
    /// <param name="input">Standard input.</param>
    /// <param name="draws">Whether standard output is a terminal.</param>
    /// <param name="types">Whether standard input is a terminal.</param>
    /// <param name="environment">What the environment says of the terminal.</param>
    public static async Task<ToolResult> RunAsync(string[] args, string input, bool draws = false, bool types = false, Dictionary<string, string>? environment = null)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(
            new MemoryStream(Encoding.UTF8.GetBytes(input)), output, error, types, draws, isErrorTerminal: false, width: 100, environment ?? new() { ["TERM"] = "xterm-256color", ["COLORTERM"] = "truecolor" });
        int exitCode = await CommandLine.RunAsync(args, terminal, TestContext.Current.CancellationToken);
        return new ToolResult(exitCode, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }
}
