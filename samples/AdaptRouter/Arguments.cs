using System.Globalization;

namespace AdaptRouter;

/// <summary>What the command line asks for.</summary>
internal sealed class Arguments
{
    private const string Usage = """
        --data FILE[=WEIGHT]...     rows of the new domain: JSON lines, plain or gzipped, with scores of both models or p_strong
        --strong A --weak B         the two models; those of the base if left out
        --base builtin|FILE         the router to start from; builtin by default
        --output FILE               where the adapted router goes; adapted.safetensors by default
        --name NAME                 what it is called; adapted by default
        --replay FILE[=WEIGHT]...   rows of the kind the base was made for, mixed in
        --source PREFIX             takes only rows whose source begins so
        --split NAME                takes only rows of this split
        --group-size N              holds N neighbouring rows out together, by the number at the end of their ids; 1 by default
        --learning-curve            instead of adapting, shows quality against the number of labels
        --always                    writes the adapted router even if there is no gain
        --seed N
        --check-claim FOLDER        checks on the data of the built-in router whether 50 to 200 labels are enough
        --cache FOLDER              keeps the routers that takes, so that it is faster the next time
        """;

    public List<(string Path, double Weight)> Data { get; } = [];

    public List<(string Path, double Weight)> Replay { get; } = [];

    public string? Strong { get; private set; }

    public string? Weak { get; private set; }

    public string Base { get; private set; } = "builtin";

    public string Output { get; private set; } = "adapted.safetensors";

    public string Name { get; private set; } = "adapted";

    public string Source { get; private set; } = "";

    public string? Split { get; private set; }

    public int GroupSize { get; private set; } = 1;

    public int Seed { get; private set; }

    public bool LearningCurve { get; private set; }

    public bool Always { get; private set; }

    public string? ClaimData { get; private set; }

    public string? Cache { get; private set; }

    public static Arguments Parse(string[] args)
    {
        var parsed = new Arguments();
        for (int i = 0; i < args.Length; i++)
        {
            string option = args[i];
            string Value() => i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[++i] : throw new ArgumentException($"{option} needs a value.\n{Usage}");
            int Number() => int.TryParse(Value(), NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) ? number : throw new ArgumentException($"{option} needs a number, not '{args[i]}'.");
            switch (option)
            {
                case "--data" or "--replay":
                    do
                    {
                        (option == "--data" ? parsed.Data : parsed.Replay).Add(FileAndWeight(Value()));
                    }
                    while (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal));
                    break;
                case "--strong": parsed.Strong = Value(); break;
                case "--weak": parsed.Weak = Value(); break;
                case "--base": parsed.Base = Value(); break;
                case "--output": parsed.Output = Value(); break;
                case "--name": parsed.Name = Value(); break;
                case "--source": parsed.Source = Value(); break;
                case "--split": parsed.Split = Value(); break;
                case "--group-size": parsed.GroupSize = Number(); break;
                case "--seed": parsed.Seed = Number(); break;
                case "--learning-curve": parsed.LearningCurve = true; break;
                case "--always": parsed.Always = true; break;
                case "--check-claim": parsed.ClaimData = Value(); break;
                case "--cache": parsed.Cache = Value(); break;
                default: throw new ArgumentException($"Cannot understand '{option}'.\n{Usage}");
            }
        }

        return parsed.Data.Count > 0 || parsed.ClaimData is not null ? parsed : throw new ArgumentException($"Say which rows to adapt to.\n{Usage}");
    }

    private static (string Path, double Weight) FileAndWeight(string value)
    {
        int equals = value.LastIndexOf('=');
        return equals > 0 && double.TryParse(value.AsSpan(equals + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double weight) ? (value[..equals], weight) : (value, 1);
    }
}
