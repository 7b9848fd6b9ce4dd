using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace RouteLLM.Cli.Commands.Calibrating;

/// <summary>The options that say what to calibrate to: <c>--strong-share</c>, <c>--budget</c> or <c>--keep-quality</c>.</summary>
internal sealed class TargetOptions
{
    private const double DefaultConfidence = 0.95;

    private readonly Option<double?> _strongShare = Numbers.Real("--strong-share", static value => value is >= 0 and <= 1, "a share in [0, 1]; 30% is 0.3", "Calibrate to this share of requests for the strong model, by RouteLLM's quantile.");
    private readonly Option<string?> _budget = new("--budget") { Description = "Calibrate to a cost in USD: 500/month, with --requests, or 0.80/thousand requests.", HelpName = "USD/PER" };
    private readonly Option<double?> _quality = Numbers.Real("--keep-quality", static value => value is > 0 and <= 1, "a part in (0, 1]; 95% is 0.95", "Calibrate to keep at least this part of the strong model's quality, on rows with scores of both models.");
    private readonly Option<double?> _confidence = Numbers.Real("--confidence", static value => value is > 0 and < 1, "between 0 and 1; 95% is 0.95", "The confidence with which the quality is kept. [default: 0.95]");
    private readonly Option<double?> _requests = Numbers.Real("--requests", static value => value > 0 && double.IsFinite(value), "a positive number", "The expected requests a month.");

    public TargetOptions(Command command)
    {
        foreach (Option option in new Option[] { _strongShare, _budget, _requests, _quality, _confidence })
        {
            command.Add(option);
        }

        command.Validators.Add(Validate);
    }

    /// <summary>Gives the target.</summary>
    /// <exception cref="UsageException">The budget is malformed.</exception>
    public CalibrationTarget Read(ParseResult result) =>
        result.GetValue(_strongShare) is { } share ? CalibrationTarget.ForStrongShare(share)
        : result.GetValue(_quality) is { } quality ? CalibrationTarget.ForQuality(quality, result.GetValue(_confidence) ?? DefaultConfidence)
        : ReadBudget(result.GetValue(_budget)!, result.GetValue(_requests));

    private static CalibrationTarget ReadBudget(string text, double? requests)
    {
        if (text.Split('/') is [var amount, var per] && double.TryParse(amount.TrimStart('$'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double usd) && double.IsFinite(usd))
        {
            switch (per)
            {
                case "month":
                    return CalibrationTarget.ForMonthlyBudget(usd, requests ?? throw new UsageException("A monthly --budget needs --requests, the expected requests a month."));
                case "thousand" or "1000" or "1k":
                    return CalibrationTarget.ForUsdPerThousand(usd);
            }
        }

        throw new UsageException($"--budget is '{text}', but an amount of USD per month or per thousand requests is expected, such as 500/month or 0.80/thousand.");
    }

    private void Validate(CommandResult result)
    {
        string[] given = [.. new Option[] { _strongShare, _budget, _quality }.Where(option => result.GetResult(option) is { Implicit: false }).Select(static option => option.Name)];
        if (given.Length != 1)
        {
            result.AddError(given.Length == 0
                ? "Say what to calibrate to: --strong-share, --budget or --keep-quality."
                : $"{string.Join(" and ", given)} are {(given.Length == 2 ? "both" : "all")} given; a threshold can be calibrated to one of them.");
        }
        else if (result.GetResult(_confidence) is { Implicit: false } && given[0] != _quality.Name)
        {
            result.AddError("--confidence belongs to --keep-quality.");
        }
    }
}
