namespace RouteLLM.Cli;

internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The command could not do its work, or found what it was to guard against.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>What a shell reports for a program ended by Ctrl-C: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
