namespace RouteLLM.Cli;

/// <summary>The command cannot do its work, for a reason that the user can do something about; the message is all they see.</summary>
internal sealed class ToolException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Takes an error about an argument of the library for one about what the user gave.</summary>
    public static ToolException From(ArgumentException error)
    {
        // .NET appends the parameter's name to the message, which says nothing to whoever typed a command.
        int suffix = error.ParamName is null ? -1 : error.Message.IndexOf($" (Parameter '{error.ParamName}')", StringComparison.Ordinal);
        return new ToolException(suffix < 0 ? error.Message : error.Message[..suffix], error);
    }
}
