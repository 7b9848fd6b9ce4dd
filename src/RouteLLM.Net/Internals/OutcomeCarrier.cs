using System.Collections;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>Puts an outcome on a response or an update, and reads it back.</summary>
/// <remarks>
/// <para>
/// It travels as a sequence of one string, its JSON, that is written only when someone serialises the response. Serialisers of Microsoft.Extensions.AI know
/// such a sequence, also without reflection, where they would refuse a type of ours; and after a round trip it is no longer the live object: so a replay is told
/// from a fresh answer.
/// </para>
/// <para>
/// It is put on a response's messages, or on the response if it has none. When updates are combined, it lands on the message if the update names one by id, else on the
/// response. Providers' own objects are copied first, not changed: a test double or an inner cache may
/// hand out the same object to many callers.
/// </para>
/// </remarks>
internal static class OutcomeCarrier
{
    public static ChatResponse Attach(ChatResponse response, RouteOutcome outcome)
    {
        var value = new Live(outcome);

        // A derived response cannot be copied without loss.
        ChatResponse annotated = response.GetType() == typeof(ChatResponse) ? Copy(response) : response;
        IList<ChatMessage> messages = response.Messages;
        if (messages.Count == 0)
        {
            annotated.AdditionalProperties = With(response.AdditionalProperties, value);
            return annotated;
        }

        var copies = new List<ChatMessage>(messages.Count);
        foreach (ChatMessage message in messages)
        {
            ChatMessage copy = message.GetType() == typeof(ChatMessage) ? message.Clone() : message;
            copy.AdditionalProperties = With(message.AdditionalProperties, value);
            copies.Add(copy);
        }

        annotated.Messages = copies;
        return annotated;
    }

    public static ChatResponseUpdate Attach(ChatResponseUpdate update, RouteOutcome outcome)
    {
        ChatResponseUpdate annotated = update;
        if (update.GetType() == typeof(ChatResponseUpdate))
        {
            annotated = update.Clone();
            annotated.ContinuationToken = update.ContinuationToken;
        }

        annotated.AdditionalProperties = With(update.AdditionalProperties, new Live(outcome));
        return annotated;
    }

    public static RouteOutcome? Read(AdditionalPropertiesDictionary? properties)
    {
        if (properties is null || !properties.TryGetValue(RoutingKeys.Outcome, out object? value))
        {
            return null;
        }

        return value switch
        {
            Live live => live.Outcome,
            JsonElement { ValueKind: JsonValueKind.Array } array when array.GetArrayLength() == 1 && array[0].ValueKind == JsonValueKind.String => Replay(array[0].GetString()!),
            IEnumerable<string> texts when texts.FirstOrDefault() is { } json => Replay(json),
            _ => null,
        };
    }

    private static RouteOutcome? Replay(string json)
    {
        try
        {
            RouteOutcome? outcome = JsonSerializer.Deserialize(json, OutcomeJsonContext.Default.RouteOutcome);
            outcome?.IsReplay = true;
            return outcome;
        }
        catch (JsonException)
        {
            // Written by another version, or by someone else: as good as none.
            return null;
        }
    }

    private static AdditionalPropertiesDictionary With(AdditionalPropertiesDictionary? properties, Live outcome)
    {
        AdditionalPropertiesDictionary copy = properties?.Clone() ?? [];
        copy[RoutingKeys.Outcome] = outcome;
        return copy;
    }

    private static ChatResponse Copy(ChatResponse response) => new()
    {
        Messages = response.Messages,
        ResponseId = response.ResponseId,
        ConversationId = response.ConversationId,
        ModelId = response.ModelId,
        CreatedAt = response.CreatedAt,
        FinishReason = response.FinishReason,
        Usage = response.Usage,
        ContinuationToken = response.ContinuationToken,
        RawRepresentation = response.RawRepresentation,
        AdditionalProperties = response.AdditionalProperties,
    };

    private sealed class Live(RouteOutcome outcome) : IEnumerable<string>
    {
        public RouteOutcome Outcome => outcome;

        public IEnumerator<string> GetEnumerator()
        {
            yield return JsonSerializer.Serialize(outcome, OutcomeJsonContext.Default.RouteOutcome);
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
