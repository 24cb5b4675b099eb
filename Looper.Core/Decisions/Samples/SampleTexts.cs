namespace Looper.Core.Decisions.Samples;

/// <summary>What is said about a sample that cannot be read, or about one of its fields.</summary>
internal static class SampleTexts
{
    private static Refusal Say(string text) => new("sample.invalid", text, "sample");

    public static Refusal TooLarge() => Say("Sample: it is larger than 1 MB. Paste a few hundred rows; they are enough to see names and types.");
    public static Refusal Empty() => Say("Sample: there is nothing to read. Paste one or more examples of what your app knows at that moment.");
    public static Refusal TooManyFields(int count) => Say($"Sample: {count} fields are more than 500. Send what could matter for the decision, not the whole record.");
    public static Refusal NotJson(string subject, long line, int column, string what) =>
        Say($"{subject}, line {line}, column {column}: not JSON, {what}. Correct it, or paste the whole curl command.");
    public static Refusal HalfCharacter(string subject) => Say($"{subject}: a text in it holds half of a surrogate pair, such as `\\ud83d` alone. Paste whole characters.");
    public static Refusal NotAnObject(long line, int column) =>
        Say($"Sample, line {line}, column {column}: an object with names and values is expected here. Paste something like {{\"country\":\"NL\",\"cartValue\":83.5}}.");
    public static Refusal NoBody() => Say("Sample: this curl command sends no body. Paste it with its -d or --data part.");
    public static Refusal NoTable() => Say("Sample: this is neither JSON, nor a curl command, nor CSV with a header line and at least one row. Paste one of these.");
    public static Refusal NamelessColumn(int column) => Say($"Sample, line 1, column {column}: the header has no name here. Name the column, or remove it.");
    public static Refusal ColumnTwice(string name) => Say($"Sample, line 1: the column `{name}` is there twice. Rename or remove one of them.");

    public static Refusal NotCsv(string what) => Say($"Sample: it cannot be read as CSV. {what}");

    public static string Identifier(string name) => $"`{name}` is different each time. A model would memorise it, not learn.";
    public static string Personal(string name) => $"`{name}` looks like personal data. Looper does not need it; use country or plan.";
    public static string Sensitive(string name) => $"Deciding by `{name}` may be unfair or unlawful.";
    public static string ManyValues(string name) => $"`{name}` has many values; rare ones are grouped.";
    public static string KnowsTheAnswer(string name) => $"`{name}` seems known only afterwards. Send only what is known when deciding.";
    public static string OneValue(string name) => $"`{name}` has the same value in every row, so nothing can be learned from it.";
    public static string AllMissing(string name) => $"`{name}` is empty in every row.";
    public static string Mixed(string name, int row) => $"`{name}` holds different types, first in row {row}. Send one type, then switch it on.";
    public static string LongText(string name, int row) => $"`{name}` holds text over 200 characters, first in row {row}. Send a category instead.";
    public static string TheDecision(string name) => $"`{name}` looks like the decision itself. Send only what is known before it.";
    public static string List(string name) => $"`{name}` holds lists of different things. Send texts, which are read as tags, or always the same number of numbers, a vector.";
    public static string UnevenNumbers(string name) => $"`{name}` holds lists of numbers of different lengths, so they are no vector. Switch it on to read them as tags.";
    public static string LongVector(string name, int length) => $"`{name}` holds {length} numbers, more than {Blueprints.Feature.MostDimensions}. Send a shorter embedding.";
    public static string ManyTags(string name, int count) => $"`{name}` holds {count} tags in a row, more than {Blueprints.Feature.MostTags}. Send those that matter.";
    public static string TooDeep(string name) => $"`{name}` is nested deeper than three levels. Send it nearer to the top.";
    public static string Time(string name) => $"`{name}` is a time. Use it to derive its hour or weekday, or send how long ago it was, as a number.";
    public static string QuotedNumber(string name) => $"`{name}` comes as digits in quotes. It is read as a number: send it without quotes, or choose category.";
}
