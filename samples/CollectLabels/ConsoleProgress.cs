using RouteLLM.Training;

namespace RouteLLM.Samples.CollectLabels;

/// <summary>Rewrites one line in a terminal, and is silent in a pipe.</summary>
internal sealed class ConsoleProgress : IProgress<CollectionProgress>
{
    public void Report(CollectionProgress value)
    {
        if (!Console.IsErrorRedirected)
        {
            bool done = value.AnswersDone + value.JudgementsDone + value.Failed == value.AnswersTotal + value.JudgementsTotal;
            Console.Error.Write(FormattableString.Invariant(
                $"\r{value.AnswersDone}/{value.AnswersTotal} answers, {value.JudgementsDone}/{value.JudgementsTotal} scores, {value.Failed} failed, {value.Spent.Usd:0.0000} of about {value.EstimatedUsd:0.0000} USD{(done ? "\n" : "")}"));
        }
    }
}
