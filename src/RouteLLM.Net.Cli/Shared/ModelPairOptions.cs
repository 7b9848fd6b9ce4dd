using System.CommandLine;

namespace RouteLLM.Cli;

/// <summary>The options <c>--strong</c> and <c>--weak</c>: which two of the models in the rows' scores a command is about.</summary>
internal sealed class ModelPairOptions
{
    private readonly Option<string> _strong = new("--strong") { Description = "The strong model, by its name in the rows' scores.", HelpName = "MODEL", Required = true };
    private readonly Option<string> _weak = new("--weak") { Description = "The weak model, by its name in the rows' scores.", HelpName = "MODEL", Required = true };

    public ModelPairOptions(Command command)
    {
        command.Add(_strong);
        command.Add(_weak);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_strong) is { } strong && strong == result.GetValue(_weak))
            {
                result.AddError($"The strong and the weak model are both '{strong}'; a router chooses between two.");
            }
        });
    }

    public string Strong(ParseResult result) => result.GetValue(_strong)!;

    public string Weak(ParseResult result) => result.GetValue(_weak)!;
}
