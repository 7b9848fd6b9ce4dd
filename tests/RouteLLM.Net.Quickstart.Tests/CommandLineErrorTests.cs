namespace RouteLLM.Quickstart.Tests;

public class CommandLineErrorTests
{
    [Theory]
    [InlineData("--strong-share or --threshold, not both", "--strong-share", "0.3", "--threshold", "0.5")]
    [InlineData("--strong-share is '30', but must be a number in [0, 1]", "--strong-share", "30")]
    [InlineData("--threshold is '-0.1', but must be a number in [0, 1]", "--threshold", "-0.1")]
    [InlineData("--threshold is 'NaN', but must be a number in [0, 1]", "--threshold", "NaN")]
    [InlineData("--strong-price is '3', but must be two prices", "--strong-price", "3")]
    [InlineData("--weak-price is '-1/2', but must be two prices", "--weak-price", "-1/2")]
    [InlineData("--max-output-tokens is '0', but must be a whole number", "--max-output-tokens", "0")]
    [InlineData("There is no option '--strong'; see --help", "--strong", "0.3")]
    [InlineData("prompts as arguments or --prompts, not both", "hi", "--prompts", "prompts.txt")]
    [InlineData("--endpoint or --ollama, not both", "--endpoint", "http://127.0.0.1/v1", "--ollama", "http://127.0.0.1")]
    [InlineData("--api-key or --offline, not both", "--api-key", "k", "--offline")]
    [InlineData("'nowhere.txt' cannot be read", "--prompts", "nowhere.txt")]
    [InlineData("'ftp://example.org' is no address", "--endpoint", "ftp://example.org", "--api-key", "k", "hi")]
    [InlineData("'http://' is no address", "--ollama", "http://", "hi")]
    [InlineData("http://127.0.0.1:9/v1 needs a key", "--endpoint", "http://127.0.0.1:9/v1", "hi")]
    [InlineData("Which models of https://api.openai.com/v1 are to be called?", "--api-key", "k", "hi")]
    [InlineData("Which models of http://127.0.0.1:11434 are to be called?", "--ollama", "127.0.0.1", "--strong-model", "a", "hi")]
    [InlineData("There are no prompts on standard input", "-")]
    public async Task What_is_wrong_is_said_on_standard_error_and_the_exit_code_is_not_zero(string message, params string[] args)
    {
        SampleResult result = await SampleProcess.RunAsync(args);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Records);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("{\"text\": \"x\"}")]
    [InlineData("{\"prompt\": 5}")]
    [InlineData("{\"prompt\": null}")]
    [InlineData("{\"prompt\": \"\\ud800\"}")]
    public async Task A_malformed_line_of_a_file_is_named(string line)
    {
        using var folder = new TemporaryFolder();

        var error = await Assert.ThrowsAsync<SetupException>(() => PromptSource.ReadFileAsync(folder.Write("prompts.jsonl", $"{{\"prompt\": \"fine\"}}\n{line}\n"), CancellationToken.None));

        Assert.StartsWith("Line 2 of ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_prompts_is_an_error()
    {
        using var folder = new TemporaryFolder();

        await Assert.ThrowsAsync<SetupException>(() => PromptSource.ReadFileAsync(folder.Write("prompts.txt", " \n\n"), CancellationToken.None));
        await Assert.ThrowsAsync<SetupException>(() => PromptSource.ReadFileAsync(folder.Path, CancellationToken.None));
    }

    [Fact]
    public async Task Help_names_every_option_and_its_default_but_no_key()
    {
        SampleResult result = await SampleProcess.RunAsync(["--help"], null, ("OPENAI_API_KEY", "sk-from-the-environment"));

        Assert.Equal(0, result.ExitCode);
        Assert.All(
            ["--strong-share", "--threshold", "--strong-price", "--weak-price", "--prompts", "--endpoint", "--ollama", "OPENAI_API_KEY", "OLLAMA_HOST", "0.30", "2.5/10", "0.15/0.6"],
            text => Assert.Contains(text, result.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("sk-from-the-environment", result.Output, StringComparison.Ordinal);
    }
}
