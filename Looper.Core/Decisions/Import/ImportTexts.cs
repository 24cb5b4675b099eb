namespace Looper.Core.Decisions.Import;

/// <summary>What is said about a file that cannot be imported, or about one of its rows.</summary>
internal static class ImportTexts
{
    public const string Code = "import.invalid";

    private static Refusal Say(string field, string text) => new(Code, text, field);

    public static Refusal Empty() => Say("file", "File: it has no header line. Send CSV whose first line names the columns.");
    public static Refusal NoRows() => Say("file", "File: there is nothing after its header line. Send the rows with it.");
    public static Refusal Configurations(string key) => Say("file", $"File: `{key}` answers a configuration, and a row of CSV names one option. Send past decisions to the decide API of a copy instead.");
    public static Refusal Candidates(string key) => Say("file", $"File: `{key}` takes candidates with each call, and a row of CSV holds none. Send past decisions to the decide API of a copy instead.");
    public static Refusal NotCsv(string what) => Say("file", $"File: it cannot be read as CSV. {what} Mend the file and send it again.");
    public static Refusal ColumnUnknown(string field, string column, string columns) =>
        Say(field, $"{field}: the file has no column `{BlueprintRules.Shown(column)}`. Its columns are {columns}.");
    public static Refusal ColumnTwice(string field, string column) => Say(field, $"{field}: the file has two columns `{BlueprintRules.Shown(column)}`. Rename or remove one of them.");
    public static Refusal NotAFeature(string field, string name) => Say(field, $"{field}: `{BlueprintRules.Shown(name)}` is not in the blueprint. Add it and publish, or leave it out.");
    public static Refusal NothingToLearn() => Say("outcomes", "Outcomes: the file has no column named like an outcome of the blueprint. Map at least one, for example `visit` to the column `visited`.");
    public static Refusal BaselineUnknown(string option) => Say("experiment.baseline", $"Baseline: `{BlueprintRules.Shown(option)}` is not one of the options. Use an option key of the blueprint.");
    public static Refusal ExperimentNeedsOptions() => Say("experiment", "Experiment: a value decision has no options to compare. Import it as past decisions instead.");
    public static Refusal ExperimentNeedsAssignment() => Say("experiment",
        "Experiment: comparing arms needs a known assignment. Say `uniform` for the propensity if every option had the same chance, or import it as past decisions.");
    public static Refusal ExperimentKeyTaken(string key) => Say("experiment.key", $"Experiment: `{key}` exists already and was not imported here. Choose another key, for example `{key}-import`.");
    public static Refusal OtherBaseline(string key, string baseline) => Say("experiment.baseline", $"Baseline: `{key}` is there from an earlier file, and compares with `{baseline}`. Leave the baseline out, or choose another key.");
    public static Refusal OptionMapping(string to) => Say("options", $"Options: `{BlueprintRules.Shown(to)}` is not one of the options. Map the file’s texts to option keys of the blueprint.");

    public static string NoOption() => "it is empty. Fill it in, or remove the row.";
    public static string UnknownOption(string text, string? meant) =>
        $"`{Cell(text)}` is not one of the options. {(meant is null ? "Map it to one of them, or add it to the blueprint." : $"Did you mean `{meant}`?")}";
    public static string NoArm(string option) => $"`{Cell(option)}` is no arm of the past experiment, which is there from an earlier file. Import these rows under another key.";
    public static string TooLarge(string text) => $"`{Cell(text)}` is not between -1e50 and 1e50. Correct it, or leave the cell empty for missing.";

    public static string NotANumber(string text) => $"`{Cell(text)}` is not a number. Correct it, or leave the cell empty for missing.";
    public static string NotYesNo(string text) => $"`{Cell(text)}` is not yes or no. Use true, false, 1 or 0, or leave the cell empty for missing.";
    public static string NotATime(string text) => $"`{Cell(text)}` is not a time. Write it like 2026-11-22T10:00:00Z, or as Unix seconds.";
    public static string Future() => "it lies in the future. Past decisions have past times.";
    public static string LongAgo() => "it lies before 1970. Write year, month and day in this order, as in 2026-11-22, or Unix seconds.";
    public static string NotAPropensity(string text) => $"`{Cell(text)}` is not a chance above 0 and at most 1. Use the chance with which this row’s option was chosen.";
    public static string TooLong() => "the text is longer than 1,024 characters. Shorten it, or send a category.";
    public static string NotTags(string text) => $"`{Cell(text)}` is no list of tags. Write it like news|sport or [\"news\", \"sport\"], or leave the cell empty for missing.";
    public static string TooManyTags(int count) => $"{count} tags are more than {Blueprints.Feature.MostTags} different ones, or too long together. Keep those that matter.";
    public static string NotAVector(string text, int dimension) => $"`{Cell(text)}` is no list of {dimension} numbers. Write it like [0.1, -0.2, …] or 0.1|-0.2|…, or leave the cell empty for missing.";
    public static string NoUnit() => "it is empty or longer than 256 characters. Name the unit, or map no unit at all.";
    public static string Negative(string text) => $"`{Cell(text)}` is below 0, and no time takes less. Correct it, or leave the cell empty.";
    public static string NotWhole(string text) => $"`{Cell(text)}` is not a whole number of 0 or more. Correct it, or leave the cell empty.";
    public static string OtherContent() => "this row was imported before with another mapping or blueprint, or with other outcomes. Clear the decision point’s data first, or import into another one.";

    // Between backticks, so that what a row said can be told from what is said of it.
    private static string Cell(string text) => BlueprintRules.Shown(text).Replace('`', '\'');
}
