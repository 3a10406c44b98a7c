"""The week: every rule in its order. A regime is this week with its own settings."""

from __future__ import annotations

from sim.mechanisms.base import Mechanism
from sim.mechanisms.belief_updating import BeliefUpdating
from sim.mechanisms.brand_awareness import BrandAwareness
from sim.mechanisms.brand_communities import BrandCommunities
from sim.mechanisms.brand_equity import BrandEquity
from sim.mechanisms.brand_funding import BrandFunding
from sim.mechanisms.channel_coordination import ChannelCoordination
from sim.mechanisms.consumption import Consumption
from sim.mechanisms.customer_data import CustomerData
from sim.mechanisms.customer_service import CustomerService
from sim.mechanisms.diversion import Diversion
from sim.mechanisms.effort_split import EffortSplit
from sim.mechanisms.fake_performance import FakePerformance
from sim.mechanisms.forecasting import Forecasting
from sim.mechanisms.leaving import Leaving
from sim.mechanisms.legacy_channel import LegacyChannel
from sim.mechanisms.liquidation import Liquidation
from sim.mechanisms.loyalty_stages import LoyaltyStages
from sim.mechanisms.ordering import Ordering
from sim.mechanisms.own_traffic import OwnTraffic
from sim.mechanisms.personal_experience import PersonalExperience
from sim.mechanisms.piloting import Piloting
from sim.mechanisms.pricing import Pricing
from sim.mechanisms.product_development import ProductDevelopment
from sim.mechanisms.product_experience import ProductExperience
from sim.mechanisms.product_range import ProductRange
from sim.mechanisms.prospecting import Prospecting
from sim.mechanisms.purchase_choice import PurchaseChoice
from sim.mechanisms.recruiting import Recruiting
from sim.mechanisms.referral import Referral
from sim.mechanisms.reseller_conversion import ResellerConversion
from sim.mechanisms.rival_brands import RivalBrands
from sim.mechanisms.selling import Selling
from sim.mechanisms.sponsor_bonuses import SponsorBonuses
from sim.mechanisms.supply_chain import SupplyChain
from sim.mechanisms.surveys import Surveys
from sim.mechanisms.tier_promotion import TierPromotion
from sim.mechanisms.training import Training
from sim.mechanisms.user_circles import UserCircles
from sim.mechanisms.user_sourcing import UserSourcing
from sim.mechanisms.word_of_mouth import WordOfMouth

__all__ = ["WEEK"]

WEEK: tuple[type[Mechanism], ...] = (
    Piloting, Training, EffortSplit, FakePerformance, UserCircles, Prospecting, BrandAwareness,
    Consumption, PurchaseChoice, RivalBrands,
    Selling, OwnTraffic, UserSourcing, ChannelCoordination, Diversion, LegacyChannel,
    ProductExperience, CustomerService, PersonalExperience,
    WordOfMouth,
    BeliefUpdating, LoyaltyStages, BrandCommunities, CustomerData, ProductDevelopment,
    Surveys, ProductRange, BrandEquity,
    Forecasting, Ordering,
    SupplyChain, BrandFunding, SponsorBonuses,
    Recruiting, Referral,
    Pricing, TierPromotion, Leaving, Liquidation, ResellerConversion,
)
