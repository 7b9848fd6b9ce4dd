using System.CommandLine;

namespace RouteLLM.Cli;

/// <summary>The options <c>--router</c>, <c>--strong</c> and <c>--weak</c>, those of an embedder, and the router they name.</summary>
internal sealed class RouterOptions
{
    public RouterOptions(Command command)
    {
        command.Add(Router);
        command.Add(Strong);
        command.Add(Weak);
        Embedder = new EmbedderOptions(command);
    }

    public Option<string> Router { get; } = new("--router")
    {
        Description = $"The router: {RouterLoader.Names}.",
        HelpName = "ROUTER",
        DefaultValueFactory = static _ => RouterLoader.BuiltIn,
    };

    public Option<string?> Strong { get; } = new("--strong") { Description = "The strong model, where the router knows several. [default: that of the router's default pair]", HelpName = "MODEL" };

    public Option<string?> Weak { get; } = new("--weak") { Description = "The weak model, where the router knows several. [default: that of the router's default pair]", HelpName = "MODEL" };

    public EmbedderOptions Embedder { get; }

    public IRouter Load(ParseResult result, Terminal terminal) => RouterLoader.Load(result.GetValue(Router)!, result.GetValue(Strong), result.GetValue(Weak), terminal, Embedder.Load(result));
}
