using Microsoft.Extensions.Options;

namespace Looper.Core.Persistence;

internal sealed class LooperOptionsValidator : IValidateOptions<LooperOptions>
{
    public ValidateOptionsResult Validate(string? name, LooperOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.DataDirectory))
            return ValidateOptionsResult.Fail("Looper:DataDirectory is empty. Give a directory, such as looper-data.");
        if (!Enum.IsDefined(options.Database))
            return ValidateOptionsResult.Fail($"Looper:Database is {options.Database}. Give Sqlite, SqlServer or Postgres.");
        if (options.Database != DatabaseKind.Sqlite && string.IsNullOrWhiteSpace(options.ConnectionString))
            return ValidateOptionsResult.Fail($"Looper:Database is {options.Database}, which needs Looper:ConnectionString, such as {Example(options.Database)}.");
        if (options.Database != DatabaseKind.Sqlite && ServerConnection.Fault(options.Database, options.ConnectionString) is { } fault)
            return ValidateOptionsResult.Fail($"Looper:ConnectionString cannot be used for {options.Database}: {fault.TrimEnd('.')}. Give one such as {Example(options.Database)}.");
        return ValidateOptionsResult.Success;
    }

    private static string Example(DatabaseKind kind) => kind == DatabaseKind.Postgres
        ? "\"Host=db.example.com;Database=looper;Username=looper;Password=…\""
        : "\"Server=db.example.com;Database=looper;User ID=looper;Password=…\"";
}
