using System.Globalization;

namespace Looper.Core.Decisions;

/// <summary>Every sentence a blueprint can be refused with, in one place: the field, why, and what to do.</summary>
public static class RuleTexts
{
    public const string Code = "blueprint.invalid";

    private static Refusal Say(string field, string text) => new(Code, text, field);

    private static string N(double x) => x.ToString("R", CultureInfo.InvariantCulture);

    public static Refusal KeyForm(string key) => Say("key",
        $"Key: `{key}` is not 3 to 64 of a-z, 0-9 and hyphens, beginning and ending with a letter or digit. Write it like `checkout-banner`.");
    public static Refusal KeyTaken(string key) => Say("key", $"Key: `{key}` already exists. Choose another, for example `{key}-2`.");
    public static Refusal KeyFixed(string key) => Say("key",
        $"Key: `{key}` is used in code and cannot change after publishing. Keep it, or make a new decision point.");
    public static Refusal NameLength(int length) => Say("name", $"Name: it has {length} characters, and 1 to 80 are allowed. Shorten it, or fill it in.");
    public static Refusal DescriptionLength(int length) => Say("description",
        $"What does it decide: {length} characters are more than 280. Say it in one sentence.");
    public static Refusal InvisibleCharacters(string field, string shown) => Say(field,
        $"{field}: `{shown}` holds invisible or control characters, or spaces at an end. Type the text again instead of pasting it.");
    public static Refusal NoteLength(int length) => Say("note", $"Note: {length} characters are more than 500. Shorten it.");

    public static Refusal NullItem(string field) => Say(field, $"{field}: this entry is empty (`null`). Remove it, or fill it in.");
    public static Refusal UnknownShape() => Say("shape", "Shape: it is not known. Use `binary`, `choice`, `value`, `pick` or `configuration`.");
    public static Refusal UnitMissing() => Say("unitName",
        "Decided for: say who or what each decision is for, in 1 to 40 characters. Use for example `user`, `device` or `order`.");
    public static Refusal OptionsCount(int count) => Say("options",
        $"Options: a choice needs 2 to 50, and there are {count}. {(count < 2 ? "Add what else your app can do." : "Remove those you never want to try.")}");
    public static Refusal OptionsOfBinary() => Say("options",
        "Options: a yes-or-no decision always has `false` and `true`. Leave the options out, or change the shape to `choice`.");
    public static Refusal OptionsOfValue() => Say("options", "Options: this shape has none. Remove the options, or change the shape to `choice`.");
    public static Refusal PositionsOnlyForRanking() => Say("positions", "Places shown: only a `ranking` shows several. Remove it, or change the shape to `ranking`.");
    public static Refusal PositionsMissing() => Say("positions", "Places shown: a ranking must say how many. Give the number of places that your users see at once, for example 10.");
    public static Refusal PositionsSize(int positions) => Say("positions",
        $"Places shown: {positions} is not 1 to {Blueprints.BlueprintContent.MostPositions}. Give the number of places that your users see at once, for example 10.");
    public static Refusal OptionsOfCandidates() => Say("options", "Options: here they are candidates that your app sends with each call. Remove the options, or change the shape to `choice`.");
    public static Refusal OnlyAsSent(string field, string value) => Say(field,
        $"{field}: `{value}` cannot be answered, since the candidates come with each call. Use `as-sent`: the first one your app sends.");
    public static Refusal OptionKey(int i) => Say($"options[{i}].key", $"Option {i + 1}: its key must have 1 to 64 characters. Give it a short name your code can test for.");
    public static Refusal OptionTwice(int i, string key) => Say($"options[{i}].key", $"Option {i + 1}: `{key}` is there twice. Rename or remove one of them.");
    public static Refusal OptionName(int i) => Say($"options[{i}].name", $"Option {i + 1}: its name is longer than 80 characters. Shorten it.");
    public static Refusal RangeOnlyForValue() => Say("range", "Range: only a value decision has one. Remove it, or change the shape to `value`.");
    public static Refusal RangeOrder(double low, double high) => Say("range",
        $"Range: the smallest value ({N(low)}) must be below the largest ({N(high)}). Swap them.");
    public static Refusal ParametersOnlyForConfiguration() => Say("parameters", "Parameters: only a configuration has them. Remove them, or change the shape to `configuration`.");
    public static Refusal ParameterCount(int count) => Say("parameters",
        $"Parameters: a configuration needs 1 to 20, and there are {count}. {(count == 0 ? "Add what your app lets Looper set." : "Keep those that could matter.")}");
    public static Refusal ParameterName(int i) => Say($"parameters[{i}].name",
        $"Parameter {i + 1}: its name must begin with a letter and have 1 to 64 letters, digits, dots, underscores and hyphens. Write it like `threshold`.");
    public static Refusal ParameterTwice(int i, string name) => Say($"parameters[{i}].name", $"Parameter {i + 1}: `{name}` is there twice. Rename or remove one of them.");
    public static Refusal ParameterKind(int i) => Say($"parameters[{i}].kind", $"Parameter {i + 1}: its kind is not known. Use `real`, `whole` or `category`.");
    public static Refusal ParameterBounds(int i, double low, double high) => Say($"parameters[{i}].low",
        $"Parameter {i + 1}: the smallest value ({N(low)}) must be below the largest ({N(high)}), both finite numbers. Swap or change them.");
    public static Refusal ParameterWhole(int i) => Say($"parameters[{i}].low", $"Parameter {i + 1}: the limits of whole numbers must be whole. Change them, or use the kind `real`.");
    public static Refusal ParameterLog(int i, double low) => Say($"parameters[{i}].log",
        $"Parameter {i + 1}: on a logarithmic scale the smallest value must be above 0, and it is {N(low)}. Enter a larger one, or leave the scale even.");
    public static Refusal ParameterWords(int i) => Say($"parameters[{i}].values", $"Parameter {i + 1}: give 2 to 50 different words of 1 to 64 visible characters.");
    public static Refusal NotAConfiguration(string field, string why) => Say(field,
        $"{field}: {why}. Give one value for every parameter, inside its limits.");
    public static Refusal PolicyOfConfiguration() => Say("policy.kind", "Policy: a configuration is set and then tuned by a study. Use `fixed` with a value for every parameter.");

    public static Refusal NotFinite(string field) => Say(field, $"{field}: this is not a finite number. Enter a number such as 0.5.");
    public static Refusal DefaultMissing() => Say("default", "If Looper cannot answer: choose what your app gets until there is a model, on any fault and while paused.");
    public static Refusal NotAnOption(string field, string value, string options) => Say(field,
        $"{field}: `{value}` is not one of the options. Use {options}, or add it to the options.");
    public static Refusal NotANumber(string field, string value) => Say(field, $"{field}: `{value}` is not a number, and this decision answers one. Enter a number such as 12.5.");
    public static Refusal OutsideRange(string field, double value) => Say(field, $"{field}: {N(value)} lies outside the range. Choose a value inside it, or widen the range.");

    public static Refusal TooManyFeatures(string list, int count, int most) => Say(list, $"What you send: {count} features are more than {most}. Keep those that could matter for the decision.");
    public static Refusal CandidateFeaturesWithoutCandidates() => Say("candidateFeatures",
        "Features of candidates: this shape has no candidates. Remove them, or change the shape to `pick`.");
    public static Refusal FeatureOfBoth(int i, string name) => Say($"candidateFeatures[{i}].name",
        $"Candidate feature {i + 1}: `{name}` is a feature of the context too, and a model could not tell them apart. Rename one of them.");
    public static Refusal FeatureName(string list, int i) => Say($"{list}[{i}].name",
        $"Feature {i + 1}: its name must have 1 to 100 characters and at most three parts between dots, none empty, and not begin with `@`. Write it like `cartValue` or `cart.value`.");
    public static Refusal FeatureTwice(string list, int i, string name) => Say($"{list}[{i}].name", $"Feature {i + 1}: `{name}` is there twice. Remove one of them.");
    public static Refusal FeatureInside(string list, int i, string name, string group) => Say($"{list}[{i}].name",
        $"Feature {i + 1}: `{name}` lies inside `{group}`, which is a feature itself. A value cannot be both: remove one of them.");
    public static Refusal FeatureKind(string list, int i, string name) => Say($"{list}[{i}].kind", $"Feature `{name}`: its type is not known. Use `number`, `boolean`, `category`, `time`, `tags` or `vector`.");
    public static Refusal FeatureBracket(string list, int i, string name) => Say($"{list}[{i}].name",
        $"Feature {i + 1}: `{name}` has a `[` in its name, which stands for one of the tags or numbers of a feature. Write it without.");
    public static Refusal Dimension(string list, int i, string name) => Say($"{list}[{i}].dimension",
        $"Feature `{name}`: a vector says how many numbers it has, 1 to {Blueprints.Feature.MostDimensions}. Enter its length, such as 64.");
    public static Refusal NoDimension(string list, int i, string name) => Say($"{list}[{i}].dimension",
        $"Feature `{name}`: only a vector has a length. Leave `dimension` out, or set its type to `vector`.");
    public static Refusal TooManyNumbers(string list, int count) => Say(list,
        $"What you send: the vectors have {count} numbers together, more than {Serving.ListColumns.MostNumbers}. Use shorter ones, or fewer.");
    public static Refusal BanditOfVectors(int count, int most) => Say("policy.kind",
        $"Policy: `bandit` reads vectors of up to {most} numbers together, and here are {count}. Use shorter ones, or choose a policy with a model, such as `epsilon-greedy`.");
    public static Refusal BanditOfMany(int count, int most) => Say("policy.kind",
        $"Policy: `bandit` learns from up to {most} features, and here are {count}. Send fewer, or choose a policy with a model, such as `epsilon-greedy`.");
    public static Refusal Derived(string field, string name, string what) => Say(field, $"Derived feature `{name}`: {what} Or remove it.");
    public static Refusal FeatureCost(string list, int i, string name) => Say($"{list}[{i}].costPerThousand",
        $"Feature `{name}`: its cost must be a number of 0 or more. Correct it, or leave it out.");
    public static Refusal FeatureDescription(string list, int i, string name) => Say($"{list}[{i}].description", $"Feature `{name}`: its description is longer than 280 characters. Shorten it.");

    public static Refusal NoOutcome() => Say("outcomes", "What you measure: there is no outcome, so nothing can be learned. Add what your app will report back, such as `purchase`.");
    public static Refusal TooManyOutcomes(int count) => Say("outcomes", $"What you measure: {count} outcomes are more than 20. Keep those that decide.");
    public static Refusal OutcomeName(int i) => Say($"outcomes[{i}].name",
        $"Outcome {i + 1}: its name must have 1 to 64 characters and not begin with `@`. Write it like `purchase`.");
    public static Refusal OutcomeTwice(int i, string name) => Say($"outcomes[{i}].name", $"Outcome {i + 1}: `{name}` is there twice. Rename or remove one of them.");
    public static Refusal OutcomeKind(int i, string name) => Say($"outcomes[{i}].kind",
        $"Outcome `{name}`: its kind is not known. Use `boolean`, `count`, `number` or `duration`, with `better` `higher` or `lower`.");
    public static Refusal WindowShort(int i, string name) => Say($"outcomes[{i}].window", $"Window of `{name}`: less than a minute is too short to report anything. Use 1 minute or more.");
    public static Refusal WindowLong(int i, string name, double days) => Say($"outcomes[{i}].window",
        $"Window of `{name}`: {Math.Round(days, 1).ToString(CultureInfo.InvariantCulture)} days is more than the 180 Looper can wait. Use 180 or less, or choose an earlier signal as the goal.");
    public static Refusal AggregationOfYesNo(int i, string name) => Say($"outcomes[{i}].aggregation",
        $"If `{name}` is reported again: a yes-or-no outcome cannot be added up or averaged. Use `any`, `first`, `last` or `max`, or make it a count.");
    public static Refusal AggregationOfNumber(int i, string name) => Say($"outcomes[{i}].aggregation",
        $"If `{name}` is reported again: `any` answers yes or no, and this outcome is a number. Use `sum`, `last`, `max` or `mean`, or make it yes or no.");
    public static Refusal AbsentValue(int i, string name, string allowed) => Say($"outcomes[{i}].absent",
        $"If nothing comes for `{name}`: the value must be {allowed}. Correct it, or say unknown (`null`).");
    public static Refusal UnitOfMeasure(int i, string name) => Say($"outcomes[{i}].unitOfMeasure", $"Unit of `{name}`: it is longer than 20 characters. Use a short one such as `EUR`.");

    public static Refusal NoGoal() => Say("goal.terms", "Goal: it names no outcome, so Looper does not know what to raise or lower. Choose one of the outcomes.");
    public static Refusal UnknownOutcome(string field, string name, string? meant) => Say(field,
        $"{field}: outcome `{name}` is not in this blueprint. {(meant is null ? "Add it under “What you measure”, or choose another." : $"Did you mean `{meant}`?")}");
    public static Refusal GoalTwice(int i, string name) => Say($"goal.terms[{i}].outcome", $"Goal: `{name}` is counted twice. Remove one of the two, and add up their weights.");
    public static Refusal GoalWeight(int i, string name) => Say($"goal.terms[{i}].weight",
        $"Weight of `{name}`: it must be a finite number above 0. To want less of it, set its better direction to lower.");
    public static Refusal GoalOfValue() => Say("goal.terms", "Goal: a value decision predicts exactly one outcome. Keep one term.");
    public static Refusal GuardrailTwice(int i, string name) => Say($"goal.guardrails[{i}].outcome", $"Guardrails: `{name}` is there twice. Remove one of them.");
    public static Refusal GuardrailMargin(int i, string name) => Say($"goal.guardrails[{i}].marginRelative",
        $"Guardrail `{name}`: the margin must be between 0% and 100%. Use 0.01 for one percent.");

    public static Refusal PolicyNeedsOptions(string kind) => Say("policy.kind",
        $"Policy: `{kind}` chooses among options, and a value decision has none. Use `best`, or `fixed` with a number.");
    public static Refusal BanditWithoutGoal() => Say("goal.terms", "Goal: `bandit` learns from the goal, and there is none. Add an outcome to it, or choose another policy.");
    public static Refusal BetaNeedsYesOrNo() => Say("policy.algorithm",
        "Policy: `thompson-beta` counts yes and no, and the goal has an outcome that is a number. Use `thompson`, or keep only yes-or-no outcomes in the goal.");
    public static Refusal WeightsCount(int weights, int options) => Say("policy.weights",
        $"Random shares: there are {weights} for {options} options. Give one per option in their order, or none for equal shares.");
    public static Refusal WeightSize(int i) => Say($"policy.weights[{i}]",
        $"Random share {i + 1}: it must be a finite number above 0. An option that is never tried should be removed instead.");
    public static Refusal PolicyNeedsCandidates() => Say("policy.kind",
        "Policy: `as-sent` keeps the order of candidates, and here none are sent. Use `fixed` with an option.");
    public static Refusal PolicyOfCandidates() => Say("policy.kind",
        "Policy: `fixed` names an option, and here candidates come with each call. Use `as-sent` for the first one sent.");
    public static Refusal WeightsOfCandidates() => Say("policy.weights", "Random shares: candidates change from call to call. Leave the shares out: each is as likely.");
    public static Refusal TemperatureSize(double temperature) => Say("policy.temperature",
        $"Temperature: {N(temperature)} is not a finite number above 0. Use 0.05 for an outcome between 0 and 1.");
    public static Refusal EpsilonSize(double epsilon) => Say("policy.epsilon",
        $"Keep exploring: {N(epsilon)} is not above 0 and at most 1. Use 0.1 for ten percent, or the policy `best` for none.");
    public static Refusal ShareSize(double share) => Say("rollout.share", $"Decide for: {N(share)} is not a share between 0 and 1. Use 0.2 for 20% of units.");
    public static Refusal HoldoutSize(double holdout) => Say("rollout.holdout",
        $"Holdout: {N(holdout)} is not between 0 and 0.9. Use 0.05 to keep 5% of units on the baseline.");
    public static Refusal FirstModelSize(int count) => Say("training.firstModelAt",
        $"First model when: {count} examples is not 0 (never by itself) or 20 to 100,000,000. Use 1000 if you have no reason for another number.");
    public static Refusal RetrainPeriod() => Say("training.retrainEvery", "Retrain: the period must be between 1 minute and 365 days. Use `1d`, or leave it empty to retrain by hand.");
}
