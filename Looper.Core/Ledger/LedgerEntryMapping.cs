using Looper.Core.Decisions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Ledger;

internal sealed class LedgerEntryMapping : IEntityTypeConfiguration<LedgerEntry>
{
    public void Configure(EntityTypeBuilder<LedgerEntry> builder)
    {
        builder.ToTable("ledger_entries");
        builder.HasIndex(e => e.DecisionPointId).IsUnique();
        builder.HasOne<DecisionPoint>().WithMany().HasForeignKey(e => e.DecisionPointId).OnDelete(DeleteBehavior.Cascade);
    }
}
