using System.CommandLine;
using Microsoft.Extensions.AI;
using RouteLLM.Onnx;

namespace RouteLLM.Cli;

/// <summary>The options <c>--embedder-model</c> and <c>--embedder-max-tokens</c>, and the sentence-embedding model they name.</summary>
internal sealed class EmbedderOptions
{
    public EmbedderOptions(Command command)
    {
        command.Add(Model);
        command.Add(MaxTokens);
        command.Validators.Add(result =>
        {
            if (result.GetResult(MaxTokens) is not null && result.GetValue(Model) is null)
            {
                result.AddError($"{MaxTokens.Name} says how much of a prompt the embedder reads; give {Model.Name} too.");
            }
        });
    }

    public Option<string?> Model { get; } = new("--embedder-model")
    {
        Description = "The folder of a sentence-embedding model as ONNX (model.onnx and its tokenizer), for routers over embeddings; artifacts know it by the folder's name.",
        HelpName = "FOLDER",
    };

    public Option<int?> MaxTokens { get; } = new("--embedder-max-tokens") { Description = "How many tokens of a prompt the embedder reads. [default: what the model's files say]", HelpName = "N" };

    /// <summary>Loads the model, or gives <see langword="null"/> if none is named. It lives as long as the tool.</summary>
    /// <exception cref="OnnxModelException">It cannot be used.</exception>
    public IEmbeddingGenerator<string, Embedding<float>>? Load(ParseResult result)
    {
        if (result.GetValue(Model) is not { Length: > 0 } folder)
        {
            return null;
        }

        try
        {
            return OnnxEmbeddingGenerator.Load(folder, new OnnxEmbeddingOptions { MaxTokens = result.GetValue(MaxTokens) });
        }
        catch (ArgumentException error)
        {
            throw ToolException.From(error);
        }
    }
}
