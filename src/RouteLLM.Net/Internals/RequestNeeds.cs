using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>Reads from a request what a model must be able to do to answer it.</summary>
internal static class RequestNeeds
{
    public static ModelAbilities Of(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        ModelAbilities needs = ModelAbilities.None;
        if (options is not null)
        {
            needs |= options.Tools is { Count: > 0 } ? ModelAbilities.Tools : 0;
            needs |= options.ResponseFormat is ChatResponseFormatJson { Schema: not null } ? ModelAbilities.StructuredOutput : 0;
            needs |= options.Reasoning?.Effort is { } effort && effort != ReasoningEffort.None ? ModelAbilities.Reasoning : 0;
        }

        for (int i = 0; i < messages.Count; i++)
        {
            IList<AIContent> contents = messages[i].Contents;
            for (int j = 0; j < contents.Count; j++)
            {
                // Calls and results of earlier turns are as foreign to a model without tools as the tools themselves.
                needs |= contents[j] switch
                {
                    TextContent => ModelAbilities.None,
                    FunctionCallContent or FunctionResultContent => ModelAbilities.Tools,
                    DataContent data => Media(data.HasTopLevelMediaType("image"), data.HasTopLevelMediaType("audio")),
                    UriContent uri => Media(uri.HasTopLevelMediaType("image"), uri.HasTopLevelMediaType("audio")),
                    HostedFileContent file => Media(file.HasTopLevelMediaType("image"), file.HasTopLevelMediaType("audio")),
                    _ => ModelAbilities.None,
                };
            }
        }

        return needs;
    }

    private static ModelAbilities Media(bool isImage, bool isAudio) => isImage ? ModelAbilities.Vision : isAudio ? ModelAbilities.Audio : ModelAbilities.None;
}
